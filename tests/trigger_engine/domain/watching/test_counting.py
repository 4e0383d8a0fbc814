"""Every meter through the core: what it counts, over which time, of whom."""

from decimal import Decimal

import pytest

from schemas.facts import AccountCreated, PeriodStarted
from services.trigger_engine.domain.inputs import Impossible, Origin, Usage
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.watching.counting import MAX_GROUP_BYTES, group_of
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H, decision, rules

SHARED = "file.shared: {recipient: text, size_gb: number?, copies: whole?, hidden: flag?}"


def product(*meters: str) -> str:
    """The small product with these meters instead of its own of shares."""
    declared = "".join(f"  {meter}\n" for meter in meters)
    return PRODUCT.replace("file.shared: {}", SHARED).replace("  shares: {count: file.shared}\n", declared)


def metered(meter: str, reaches: int = 3) -> CompiledSet:
    """A set with this definition of the meter `shares`, and a milestone on it where there can be one, else a limit."""
    return rules(
        [f"shared: {{milestone: shares, reaches: {reaches}}}"],
        ["photos_: {on: [shared], add: photos}"],
        product=product(f"shares: {{{meter}}}"),
    )


def share(bench: Bench, recipient: str = "ann", at: int = T0, **more: object) -> bool:
    """Share a file; whether a milestone was decided."""
    return bool(bench.use("file.shared", at=at, recipient=recipient, **more))  # type: ignore[arg-type]  # properties


def stands(bench: Bench, at: int = T0, name: str = "shares", user: str | None = None) -> Decimal | None:
    """What the meter stands at, of the account or of one user."""
    meter = bench.core.rules.product.meters[name]
    account = bench.account(ACME)
    holder = account if user is None else bench.user(ACME, user)
    found = reading(meter, holder, at, When(account.zone(), account.period(), bench.floor))
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("meter", "after"),
    [
        pytest.param("count: file.shared", [1, 2, 3, 4], id="count"),
        pytest.param("sum: size_gb, of: file.shared", [5, 2, 4, 4], id="sum, of what may lack and be negative"),
        pytest.param("max: size_gb, of: file.shared", [5, 5, 5, 5], id="max"),
        pytest.param("last: size_gb, of: file.shared", [5, -3, 2, 2], id="last"),
        pytest.param("distinct: recipient, of: file.shared", [1, 2, 2, 3], id="distinct"),
        pytest.param("days_with: file.shared", [1, 1, 2, 3], id="days_with"),
        pytest.param("days_with: any", [1, 1, 2, 3], id="days_with any event"),
        pytest.param("count: file.shared, over: 1d", [1, 2, 3, 1], id="rolling: event times in (t - span, t]"),
        pytest.param("count: file.shared, over: day", [1, 2, 1, 1], id="a day of the calendar"),
        pytest.param("sum: size_gb, of: file.shared, over: month", [5, 2, 4, 4], id="a month of the calendar"),
        pytest.param("count: file.shared, where: event.recipient == 'ann'", [1, 1, 2, 2], id="where"),
        pytest.param("count: file.shared, where: event.size_gb > 0", [1, 1, 2, 2], id="where what is unknown is a no"),
    ],
)
def test_one_aggregate_one_span_one_key(meter: str, after: list[int]) -> None:
    bench, found = Bench(metered(meter, reaches=100) if "over: 1d" not in meter else counted(meter)), []
    events = ((0, "ann", 5), (9 * H, "bob", -3), (15 * H, "ann", 2), (40 * H, "eve", None))
    for later, recipient, size in events:
        size_gb = {} if size is None else {"size_gb": size}
        share(bench, recipient, at=T0 + later, **size_gb)
        found.append(stands(bench, T0 + later))
    assert found == after


def counted(meter: str) -> CompiledSet:
    """A meter that no milestone can be on."""
    return rules(
        ["reported: {milestone: exports, reaches: 1}"],
        ["photos_: {on: [reported], add: photos}"],
        product=product(f"shares: {{{meter}}}"),
    )


def test_a_milestone_fires_on_every_kind_of_meter_that_does_not_forget() -> None:
    bench = Bench(metered("distinct: recipient, of: file.shared"))
    assert [share(bench, who) for who in ("ann", "bob", "ann", "eve", "max")] == [False, False, False, True, False]


def test_a_late_event_counts_in_the_window_that_its_own_time_lies_in() -> None:
    """Event time decides which window and period an event counts in, not arrival time."""
    bench = Bench(metered("count: file.shared, over: day"))
    assert [share(bench, at=T0 + later) for later in (0, D, H, D + H, 2 * H)] == [False, False, False, False, True]
    assert [stands(bench, T0), stands(bench, T0 + D)] == [3, 2]


def test_days_and_weeks_are_those_of_the_accounts_zone() -> None:
    bench = Bench(metered("count: file.shared, over: day"))
    bench.tell(AccountCreated, zone="Pacific/Auckland")  # 13 hours ahead: 09:00 is 22:00 there
    share(bench, at=T0)
    share(bench, at=T0 + 2 * H)
    assert [stands(bench, T0 + H), stands(bench, T0 + 3 * H)] == [1, 1]


def test_an_event_of_no_billing_period_that_is_known_is_counted_nowhere() -> None:
    bench = Bench(metered("distinct: recipient, of: file.shared, over: billing_period"))
    share(bench, "early")
    assert stands(bench) is None
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + D))
    share(bench, "ann", at=T0 + 1)
    share(bench, "late", at=T0 + D)
    assert stands(bench) == 1


# --- by whom ------------------------------------------------------------------------------------


def test_by_user_each_has_a_number_and_the_account_the_total() -> None:
    """`total(meters.x)` of a `by: user` meter is kept in the account's slice as it goes."""
    bench = Bench(metered("distinct: recipient, of: file.shared, by: user"))
    fired = [share(bench, to, user=who) for who, to in (("u", "a"), ("v", "a"), ("u", "b"), (None, "c"), ("u", "d"))]
    assert fired == [False, False, False, False, True]
    assert [stands(bench, user="u"), stands(bench, user="v"), stands(bench)] == [3, 1, 4]


def test_by_a_property_each_value_has_a_number_of_its_own_and_the_offer_is_for_the_account() -> None:
    bench = Bench(metered("count: file.shared, by: recipient"))
    told = [bench.use("file.shared", recipient=who) for who in ("ann", "bob", "ann", "bob", "ann", "bob")]
    assert [bool(events) for events in told] == [False, False, False, False, True, True]
    first, second = decision(told[4]), decision(told[5])
    assert (first.moments[0].group, first.user) == ("ann", None)
    assert (second.moments[0].group, second.reason) == ("bob", "placement_taken")
    assert stands(bench) == 6


def test_what_does_not_say_whose_it_is_moves_the_total_alone() -> None:
    bench = Bench(metered("count: file.shared, by: size_gb"))
    share(bench)
    assert bench.groups == {}
    assert stands(bench) == 1


def test_what_must_say_whose_it_is_and_does_not_is_refused() -> None:
    bench = Bench(metered("count: file.shared, by: recipient"))
    with pytest.raises(Impossible, match=r"data\.properties\.recipient: is missing, and meter 'shares' is kept by it"):
        bench.use("file.shared")
    assert bench.account(ACME).meters == PlainMeters()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param("Ünï", "Ünï", id="a text"),
        pytest.param(Decimal("5.0"), "5", id="a number by what it says, not how it is written"),
        pytest.param(500, "500", id="a whole number"),
        pytest.param(Decimal("-0.0"), "0", id="nothing"),
        pytest.param(True, "true", id="a flag"),
        pytest.param(None, None, id="nothing told"),
    ],
)
def test_values_of_a_property_are_told_apart_by_what_they_say(value: str | int | Decimal | None, told: str) -> None:
    assert group_of("p", value) == told


def test_a_value_that_is_too_long_to_be_told_apart_is_refused() -> None:
    assert group_of("p", "x" * MAX_GROUP_BYTES) is not None
    for value in ("ü" * (MAX_GROUP_BYTES // 2 + 1), Decimal("1e30")):
        with pytest.raises(Impossible, match=r"data\.properties\.p: "):
            group_of("p", value)


def test_of_an_event_that_one_meter_refuses_no_meter_counts_anything() -> None:
    both = product("shares: {count: file.shared}", "sent: {sum: copies, of: file.shared, where: event.hidden}")
    bench = Bench(rules(["m: {milestone: shares, reaches: 9}"], ["o: {on: [m], add: photos}"], product=both))
    before = bench.state()
    with pytest.raises(Impossible):
        bench.use("file.shared", recipient="ann", hidden=True, copies="many")
    assert bench.state().replace(b"acme", b"") == before or bench.account(ACME).meters == PlainMeters()
    bench.use("file.shared", recipient="ann", hidden=False, copies="many")
    assert [stands(bench), stands(bench, name="sent")] == [1, 0]


def test_of_what_is_too_long_to_be_told_apart_and_counted_by_nothing_there_is_no_part() -> None:
    filtered = product(
        "shares: {count: file.shared}", "of: {count: file.shared, by: recipient, where: event.copies > 1}"
    )
    bench = Bench(rules(["m: {milestone: shares, reaches: 9}"], ["o: {on: [m], add: photos}"], product=filtered))
    used = Usage("test", "e", "file.shared", ACME, T0, None, Decimal(1), {"recipient": "x" * 300, "copies": Decimal(1)})
    bench.core.on_usage(bench, used, Origin("usage", 0), bench.clocks)
    assert stands(bench) == 1
    assert not list(bench.core.parts(used))
