"""The quiet path leaves everything as if the moments had been asked each time, to the byte."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import PlanChanged, ProductBought
from services.trigger_engine.domain import quiet
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Origin, Usage
from tests.trigger_engine.domain.building import ACME, T0, Bench, rules, wire
from tests.trigger_engine.domain.stories import Happening, eventful, happen, stories

STEADY = rules(
    ["full: {limit: storage_gb, at: [50%, 80%, 100%]}", "reports: {milestone: exports, reaches: 3}"],
    ["a: {on: [full], upgrade_to: next on work}", "b: {on: [reports], add: photos, placements: [modal]}"],
)


@given(stories)
@settings(max_examples=60)
def test_a_story_is_the_same_with_and_without_the_quiet_path(story: list[Happening]) -> None:
    loud, soft = Bench(eventful()), Bench(eventful(), plain=True)
    for one in story:
        assert wire(happen(soft, one)) == wire(happen(loud, one))
        assert soft.state() == loud.state()


amounts = st.lists(st.tuples(st.sampled_from(["store", "report", "plan", "room"]), st.integers(-30, 40)), max_size=60)


@given(amounts)
@settings(max_examples=100)
def test_many_small_moves_around_a_limit_are_the_same_with_and_without_it(moves: list[tuple[str, int]]) -> None:
    loud, soft = Bench(STEADY), Bench(STEADY, plain=True)
    for what, tenths in moves:
        told = [_move(bench, what, tenths) for bench in (loud, soft)]
        assert told[0] == told[1]
        assert soft.state() == loud.state()


def _move(bench: Bench, what: str, tenths: int) -> object:
    match what:
        case "store":
            return wire(bench.store(str(Decimal(tenths) / 10)))
        case "report":
            return wire(bench.use("report.exported"))
        case "plan":
            return wire(bench.tell(PlanChanged, plan=["free", "team", "plus"][tenths % 3], seats=1))
        case _:
            return wire(bench.tell(ProductBought, product="room"))


def test_most_events_take_the_quiet_path() -> None:
    bench = Bench(STEADY, plain=True)
    drawn = []
    for _ in range(100):
        bench.store("0.01")
        drawn.extend(bench.accounts[ACME].__dict__[quiet.KEPT].bands.values())
    # whoever asks the moments draws a band anew, and that is another object
    assert len({id(band) for band in drawn}) == 1


def test_another_version_of_the_set_asks_anew() -> None:
    bench = Bench(STEADY, plain=True)
    bench.store("0.1")
    feed = STEADY.feeds["file.stored"]
    usage = Usage("s", "i", "file.stored", ACME, T0, None, Decimal(1), {"size_gb": Decimal("0.1")}, plain=True)
    account = bench.accounts[ACME]
    assert quiet.counted_quietly(STEADY, feed, account, None, usage)
    other = STEADY.pausing(frozenset({"a"}), 8)
    assert not quiet.counted_quietly(other, feed, account, None, usage)
    assert Core(other).on_usage(bench, usage, Origin("usage", 0, 0), T0) == []
    assert quiet.counted_quietly(other, feed, account, None, usage)
