"""Each bound of what is kept of an account, reached; and not reached by one less."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from schemas.facts import AttributeSet, TicketOpened
from schemas.offers import OfferMade
from services.trigger_engine.domain.account import Closed, Made
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.deciding.caps import MAX_SHOWN_TO
from services.trigger_engine.domain.deciding.cooling import MAX_COOLING
from services.trigger_engine.domain.deciding.holding import MAX_HELD
from services.trigger_engine.domain.deciding.making import MAX_SEGMENTS
from services.trigger_engine.domain.facts import MAX_TICKETS
from services.trigger_engine.domain.life import MAX_CLOSED
from services.trigger_engine.domain.meters.days_with import MAX_DAYS
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.meters.windows import MOST
from services.trigger_engine.domain.moments.forecast import MAX_TOTALS
from services.trigger_engine.domain.moments.times import MAX_TIMES
from services.trigger_engine.domain.playbook.guardrails import MAX_COUNTED
from services.trigger_engine.domain.watching.scene import MAX_FORMER
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H, S, compiled, playbook, rules

FIRST: Final = "m: {milestone: exports, reaches: 1}"


def one(moment: str = FIRST, meter: str = "{count: file.shared, over: 30d}", guardrails: str = "") -> Bench:
    """A bench with the meter ``x``, the moment ``m`` and an offer on it."""
    product = PRODUCT.replace("meters:\n", f"meters:\n  x: {meter}\n")
    product = product.replace("limits: {storage_gb: 10,", "limits: {storage_gb: 10, x: 9,")
    return Bench(rules([moment], ["more: {on: [m], add: room}"], guardrails, product))


def segmented(count: int, guardrails: str = "") -> Bench:
    """A bench with so many segments; an account of which ``n`` is so many is in all of them."""
    product = PRODUCT + "facts: {n: whole}\n" + (f"guardrails: {guardrails}\n" if guardrails else "")
    segments = "".join(f"  s{number}: account.n > {number}\n" for number in range(count))
    return Bench(compiled(product, playbook([FIRST], ["more: {on: [m], add: room}"]) + f"\nsegments:\n{segments}"))


def made(bench: Bench) -> str:
    """The offer that the first report earns."""
    (found,) = [event.data.offer.offer_id for event in bench.use("report.exported") if isinstance(event, OfferMade)]
    return found


# --- one way to reach each, with so many more than are kept -------------------------------------


def a_window_is_rounded(more: int) -> Bench:
    bench = one()
    for number in range(MOST + more):
        bench.use("file.shared", at=T0 + number * S)
    return bench


def values_are_estimated(more: int) -> Bench:
    bench = one(meter="{distinct: user, of: file.shared}")
    for number in range(MOST + more):
        bench.use("file.shared", user=f"u{number}")
    return bench


def values_of_a_window_are_estimated(more: int) -> Bench:
    bench = one(meter="{distinct: user, of: file.shared, over: 30d}")
    for number in range(MOST + more):
        bench.use("file.shared", user=f"u{number}")
    return bench


def a_day_is_closed(more: int) -> Bench:
    bench = one(meter="{count: file.shared, over: day}")
    for number in range(MOST // 8 + more):
        bench.use("file.shared", at=T0 + number * D)
    return bench


def days_are_merged(more: int) -> Bench:
    bench = one(meter="{days_with: file.shared}")
    bench.use("file.shared")
    bench.use("file.shared", at=T0 + (MAX_DAYS - 1 + more) * D)
    return bench


def a_time_of_a_sequence_is_dropped(more: int) -> Bench:
    return _shared_each_hour(one("m: {sequence: [file.shared, task.ran], within: 90d}"), more)


def a_time_of_an_absence_is_dropped(more: int) -> Bench:
    return _shared_each_hour(one("m: {absence: task.ran, after: file.shared, within: 90d}"), more)


def a_time_of_an_answer_is_dropped(more: int) -> Bench:
    return _shared_each_hour(one("m: {absence: file.shared, after: task.ran, within: 90d}"), more)


def a_time_of_an_onboarding_is_dropped(more: int) -> Bench:
    return _shared_each_hour(one("m: {onboarding: [file.shared, task.ran], order: as_written}"), more)


def a_day_of_a_limit_is_forgotten(more: int) -> Bench:
    bench = one("m: {limit: x, at: [100%]}", "{max: size_gb, of: file.stored, over: day}")
    for number in range(MOST // 8 + more):
        bench.use("file.stored", at=T0 + number * D, size_gb=1)
    return bench


def a_day_of_growth_is_forgotten(more: int) -> Bench:
    return _shared_each_day(one("m: {growth: x, by: 10%, of: day, from: 1}"), more)


def a_day_of_a_forecast_is_forgotten(more: int) -> Bench:
    return _shared_each_day(one("m: {forecast: x, within: 5d, confidence: 80%}", "{count: file.shared}"), more)


def a_moment_is_given_up(more: int) -> Bench:
    count = MAX_HELD + more
    moments = [f"m{n}: {{milestone: exports, reaches: {n}}}" for n in range(1, count + 1)]
    offers = [f"o{n}: {{on: [m{n}], add: room}}" for n in range(1, count + 1)]
    bench = Bench(rules(moments, offers, "{quiet_when: [open_ticket]}"))
    bench.tell(TicketOpened, ticket="1")
    for _ in range(count):
        bench.use("report.exported")
    return bench


def a_family_opens_again(more: int) -> Bench:
    bench = one()
    offer = made(bench)
    bench.account(ACME).closed = {f"f{number}": Closed(T0 - 1) for number in range(MAX_CLOSED - 1 + more)}
    bench.respond(offer, "dismissed")
    return bench


def an_offer_is_not_counted(more: int) -> Bench:
    bench = one(guardrails="{caps: [{at_most: 2, per: 1d, each: offer}]}")
    bench.account(ACME).made = [Made(T0 - 1, str(n), "o", "f", ("banner",)) for n in range(MAX_COUNTED + more)]
    made(bench)
    return bench


def a_viewer_is_forgotten(more: int) -> Bench:
    bench = one(guardrails="{caps: [{at_most: 2, per: 1d}]}")
    offer = made(bench)
    for number in range(MAX_SHOWN_TO + more):
        bench.respond(offer, "presented", user=f"u{number}")
    return bench


def a_cool_down_is_forgotten(more: int) -> Bench:
    count = MAX_COOLING + more
    bench = segmented(count, f"{{quiet_when: [{', '.join(f'{{s{number}: 1d}}' for number in range(count))}]}}")
    bench.tell(AttributeSet, name="n", value=count)
    return bench


def a_ticket_is_forgotten(more: int) -> Bench:
    bench = one()
    for number in range(MAX_TICKETS + more):
        bench.tell(TicketOpened, ticket=str(number))
    return bench


def what_a_former_set_kept_is_forgotten(more: int) -> Bench:
    bench = one()
    bench.account(ACME).meters = PlainMeters.of({f"f{number}": MeterState() for number in range(MAX_FORMER + more)})
    bench.use("file.stored", size_gb=1)
    return bench


def segments_are_left_out(more: int) -> Bench:
    bench = segmented(MAX_SEGMENTS + more)
    bench.tell(AttributeSet, name="n", value=MAX_SEGMENTS + more)
    made(bench)
    return bench


def _shared_each_hour(bench: Bench, more: int) -> Bench:
    for number in range(MAX_TIMES + more):
        bench.use("file.shared", at=T0 + number * H)
    return bench


def _shared_each_day(bench: Bench, more: int) -> Bench:
    for number in range(MAX_TOTALS + more):
        bench.use("file.shared", at=T0 + number * D)
    return bench


WAYS: Final[tuple[tuple[Bound, Callable[[int], Bench]], ...]] = (
    (Bound.WINDOW_ROUNDED, a_window_is_rounded),
    (Bound.VALUES_ESTIMATED, values_are_estimated),
    (Bound.VALUES_ESTIMATED, values_of_a_window_are_estimated),
    (Bound.WINDOW_CLOSED, a_day_is_closed),
    (Bound.DAYS_MERGED, days_are_merged),
    (Bound.TIMES_DROPPED, a_time_of_a_sequence_is_dropped),
    (Bound.TIMES_DROPPED, a_time_of_an_absence_is_dropped),
    (Bound.TIMES_DROPPED, a_time_of_an_answer_is_dropped),
    (Bound.TIMES_DROPPED, a_time_of_an_onboarding_is_dropped),
    (Bound.PERIODS_FORGOTTEN, a_day_of_a_limit_is_forgotten),
    (Bound.PERIODS_FORGOTTEN, a_day_of_growth_is_forgotten),
    (Bound.PERIODS_FORGOTTEN, a_day_of_a_forecast_is_forgotten),
    (Bound.MOMENT_GIVEN_UP, a_moment_is_given_up),
    (Bound.FAMILY_REOPENED, a_family_opens_again),
    (Bound.OFFER_UNCOUNTED, an_offer_is_not_counted),
    (Bound.VIEWER_FORGOTTEN, a_viewer_is_forgotten),
    (Bound.COOL_DOWN_FORGOTTEN, a_cool_down_is_forgotten),
    (Bound.TICKET_FORGOTTEN, a_ticket_is_forgotten),
    (Bound.FORMER_FORGOTTEN, what_a_former_set_kept_is_forgotten),
    (Bound.SEGMENTS_LEFT_OUT, segments_are_left_out),
)


@pytest.mark.parametrize(("bound", "filled"), WAYS, ids=[filled.__name__ for _, filled in WAYS])
def test_a_bound_is_told_when_there_is_more_than_is_kept_and_not_before(
    bound: Bound, filled: Callable[[int], Bench]
) -> None:
    assert filled(0).bounds[bound] == 0
    assert filled(1).bounds[bound] == 1


def test_every_bound_is_reached_here() -> None:
    assert {bound for bound, _ in WAYS} == set(Bound)


def test_operators_are_told_of_each_bound() -> None:
    page = (Path(__file__).parents[3] / "docs" / "language" / "bounds.md").read_text()
    assert [bound for bound in Bound if f"`{bound.value}`" not in page] == []
