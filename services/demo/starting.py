"""Start the stack, and say what is ready."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from threading import Event, Thread
from typing import Final

from rich.console import Console

from services.kit.clock import Clock
from services.local_stack.parts import PUBLISH_SAMPLE, SERVICES, STEPS
from services.local_stack.plan import PartPhase
from services.local_stack.progress import Progress
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted

NAME: Final = "demo"
LOOK_EVERY_S: Final = 0.1


@contextmanager
def running(console: Console, clock: Clock, origin: str) -> Iterator[tuple[LocalStack, str]]:
    """The stack with its services, the sample published, and the prefix of its topics; all is gone after the block.

    ``origin`` is that of the page which asks for offers. Raises ``StackError``.
    """
    settings = StackSettings()
    external = settings.kafka_bootstrap_servers or settings.database_url
    # in servers that others use, too, the demo keeps to a place of its own
    place = f"rung_demo_{token_hex(4)}" if external else "rung"
    wanted = Wanted(
        name=_free_name(),
        services=SERVICES,
        steps=(*STEPS, PUBLISH_SAMPLE),
        environment={"RUNG_TOPIC_PREFIX": place, "RUNG_DATABASE_SCHEMA": place, "RUNG_API_ORIGINS": origin},
        tie_to_parent=True,
    )
    began = clock.monotonic()
    with _telling(console, wanted.name, clock) as stop_telling:
        starting = LocalStack.running(wanted, keep_data=False, progress=_fetching(console))
        with starting as stack:
            stop_telling()
            console.print(f"ready in {clock.monotonic() - began:.1f} s")
            try:
                yield stack, place
            finally:
                console.print("stopping")


def _free_name() -> str:
    """A second demo runs beside the first."""
    return NAME if LocalStack(NAME).state() is None else f"{NAME}-{token_hex(2)}"


def _fetching(console: Console) -> Progress:
    """Says once what is fetched; after the first time nothing is."""
    said: set[str] = set()

    def say(what: str, done: int, total: int) -> None:
        if what not in said and done < total:
            said.add(what)
            console.print(f"  {what}")

    return say


@contextmanager
def _telling(console: Console, name: str, clock: Clock) -> Iterator[Callable[[], None]]:
    """Say what is ready as it becomes so, from a thread: the start itself waits."""
    over = Event()
    began = clock.monotonic()
    teller = Thread(target=_tell, args=(console, name, over, clock, began), daemon=True)
    teller.start()

    def stop() -> None:
        over.set()
        teller.join()

    try:
        yield stop
    finally:
        stop()


def _tell(console: Console, name: str, over: Event, clock: Clock, began: float) -> None:
    told: set[str] = set()
    last = False
    while not last:
        last = over.wait(LOOK_EVERY_S)  # one more look after the end: the last part makes the stack ready
        state = LocalStack(name).state()
        for part in state.parts if state is not None else ():
            if part.phase in (PartPhase.READY, PartPhase.EXTERNAL) and part.name not in told:
                told.add(part.name)
                console.print(f"  {part.name:<16} {clock.monotonic() - began:4.1f} s  {part.endpoint}")
