"""Where to knock while the stack stays up."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.local_stack.stack import LocalStack


def print_doors(console: Console, stack: LocalStack, page: str) -> None:
    """Print every address, and commands to go on with."""
    state = stack.state()
    if state is None:
        return
    name = f" --stack {state.name}"
    api = f"http://127.0.0.1:{stack.port('offer_api', 'RUNG_API_PORT')}"
    table = Table.grid(padding=(0, 2))
    table.add_row("the product", f"{page}  (upload two films, and see)")
    table.add_row("offer API", f"{api}/v1/accounts/ACCOUNT/offers")
    for part, port in (
        ("trigger_engine", "RUNG_ENGINE_HTTP_PORT"),
        ("offer_api", "RUNG_API_HTTP_PORT"),
        ("metrics_sink", "RUNG_SINK_HTTP_PORT"),
    ):
        table.add_row(f"metrics of {part}", f"http://127.0.0.1:{stack.port(part, port)}/metrics")
    table.add_row("Kafka", state.kafka_bootstrap or "")
    table.add_row("PostgreSQL", state.database_url or "")
    console.print(Text("it stays up until Ctrl-C", "bold"))
    console.print(table)
    console.print()
    console.print(Text("an offer of your own, from another terminal:", "bold"))
    commands = (
        f'rung emit rung.account_created --account acme --fact-data \'{{"plan": "free"}}\'{name}',
        f"rung emit file.stored --account acme --property size_gb=1.7{name}",
        f"rung offers acme{name}",
        f'curl -H "Authorization: Bearer $(rung token --account acme{name})" {api}/v1/accounts/acme/offers',
    )
    for command in commands:
        console.print(Text(f"  {command}"), soft_wrap=True)
