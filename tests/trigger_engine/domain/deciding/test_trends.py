"""What is offered when use grows, or will reach a limit: what fits what is coming, in the account's own numbers."""

from datetime import timedelta
from decimal import Decimal

from schemas.envelope import Envelope
from schemas.facts import PlanChanged
from tests.trigger_engine.domain.building import Bench, D, offer, rules
from tests.trigger_engine.domain.deciding.selling import SHOP

FILLING = "filling: {forecast: storage_gb, within: 10d, confidence: 80%}"
GROWING = "growing: {growth: exports, by: 50%, of: week, periods: 1, from: 10}"


def using_every_day(does: str, gb: int, days: int, product: str = SHOP) -> tuple[Bench, list[Envelope]]:
    """A bench whose account, of 4 seats, stores so much each day; and what that led to last."""
    bench = Bench(rules([FILLING], [f"it: {{on: [filling], {does}}}"], product=product))
    bench.tell(PlanChanged, plan="team", seats=4)
    events: list[Envelope] = []
    for _ in range(days):
        bench.store(gb)
        events = bench.wait(D) or events
    return bench, events


def test_a_limit_that_comes_near_is_told_with_its_day() -> None:
    """S10: the projected crossing date is shown."""
    content = "content: {title: '{meters.storage_gb} GB, full on {forecast.date}'}"
    _, events = using_every_day(f"upgrade_to: fitting, {content}", 250, 8)
    made = offer(events)
    assert (made.content.title, made.options[0].id) == ("2000 GB, full on 2026-03-16", "enterprise")
    (evidence,) = made.evidence
    numbers = (evidence.confidence, evidence.value, evidence.limit)
    assert (evidence.date, numbers) == ("2026-03-16", (Decimal(1), Decimal(2000), Decimal(4000)))


def test_what_fits_holds_what_is_coming_and_not_only_what_is_there() -> None:
    """S09: 2,000 GB would fit a plan of 4,500, and the 2,500 of the next ten days would not."""
    product = SHOP.replace(
        "  - id: enterprise\n", "  - {id: club, price: {month: 80}, limits: {storage_gb: 4400}}\n  - id: enterprise\n"
    ).replace("[free, team, enterprise, talks]", "[free, team, club, enterprise, talks]")
    _, events = using_every_day("upgrade_to: fitting", 250, 8, product)
    assert offer(events).options[0].id == "enterprise"
    roomy = product.replace("storage_gb: 4400", "storage_gb: 4500")
    _, events = using_every_day("upgrade_to: fitting", 250, 8, roomy)
    assert offer(events).options[0].id == "club"


def test_growth_is_told_in_percent_to_the_account_and_to_its_people() -> None:
    """S12, S26: a growing account; a person is told by how much."""
    offers = [
        "sell: {on: [growing], add: sign, content: {title: 'You do {growth.percent} more'}, boost: 2}",
        "ask: {on: [growing], task: csm, note: 'Exports grew {growth.percent}, {meters.storage_gb} GB', due: 2d}",
    ]
    for names in (offers[:1], offers[1:]):
        bench = Bench(rules([GROWING], names, product=SHOP))
        bench.tell(PlanChanged, plan="plus")
        bench.wait(D)
        bench.use("report.exported", quantity=10)
        bench.wait(7 * D)
        bench.use("report.exported", quantity=16)
        made = offer(bench.wait(7 * D))
        if names == offers[:1]:
            assert made.content.title == "You do 60% more"
        else:
            assert (made.note, made.content.title) == ("Exports grew 60%, 0 GB", "Look into growing")
            assert made.due_at is not None
            assert made.due_at - made.made_at == timedelta(days=2)
