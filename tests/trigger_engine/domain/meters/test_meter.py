"""A meter moves by what its events say, exactly, or the event is impossible and moves nothing."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import DeadLetterReason
from schemas.facts import LimitSet, MeterSet, PeriodStarted
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.inputs import Impossible, Property, Usage
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.meters.meter import MeterState, Period, amount, moved
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.playbook.product import Aggregate, MeterDefinition, Span
from tests.trigger_engine.domain.building import ACME, FULL, MORE, PRODUCT, T0, Bench, D, H, fact, offer, reason, rules

COUNT = MeterDefinition("projects", Aggregate.COUNT, "project.created", less="project.deleted")
SUM = MeterDefinition("storage", Aggregate.SUM, "file.stored", prop="size_gb")
MAX = MeterDefinition("largest", Aggregate.MAX, "file.stored", prop="size_gb")
QUANTITY = MeterDefinition("items", Aggregate.SUM, "order.placed", prop="quantity")
OPTIONAL = MeterDefinition("storage", Aggregate.SUM, "file.stored", prop="size_gb", may_lack=True)

TASKS_UP = "tasks_up: {limit: tasks, at: [100%]}"
TASKS = rules([TASKS_UP], ["more: {on: [tasks_up], upgrade_to: next on work}"])


def usage(event: str, quantity: str = "1", **properties: Property) -> Usage:
    return Usage("test", "e-1", event, ACME, T0, quantity=Decimal(quantity), properties=properties)


def standing(bench: Bench, meter: str) -> MeterState:
    return bench.account(ACME).meters[bench.core.rules.product.meters[meter].key]


@pytest.mark.parametrize(
    ("meter", "event", "by"),
    [
        pytest.param(COUNT, usage("project.created"), "1", id="a count counts one"),
        pytest.param(COUNT, usage("project.created", "5"), "5", id="or as many as the event says"),
        pytest.param(COUNT, usage("project.deleted", "2"), "-2", id="less takes away"),
        pytest.param(COUNT, usage("project.created", "-3"), "-3", id="a negative quantity corrects"),
        pytest.param(SUM, usage("file.stored", size_gb=Decimal("0.1")), "0.1", id="a sum adds its property"),
        pytest.param(SUM, usage("file.stored", size_gb=Decimal(-7)), "-7", id="also below 0"),
        pytest.param(QUANTITY, usage("order.placed", "2.5"), "2.5", id="the quantity can be the property"),
        pytest.param(OPTIONAL, usage("file.stored"), "0", id="what may be absent and is moves nothing"),
        pytest.param(OPTIONAL, usage("file.stored", size_gb=None), "0", id="null is absent"),
    ],
)
def test_an_event_moves_a_meter_by_what_it_says(meter: MeterDefinition, event: Usage, by: str) -> None:
    assert amount(meter, event) == Decimal(by)


@pytest.mark.parametrize(
    ("meter", "event", "detail"),
    [
        pytest.param(
            SUM, usage("file.stored"), "data.properties.size_gb: is missing, and meter 'storage' needs it", id="missing"
        ),
        pytest.param(
            SUM,
            usage("file.stored", size_gb=None),
            "data.properties.size_gb: is missing, and meter 'storage' needs it",
            id="null",
        ),
        pytest.param(
            SUM,
            usage("file.stored", size_gb="9"),
            "data.properties.size_gb: is no number, and meter 'storage' needs it",
            id="a text",
        ),
        pytest.param(
            SUM,
            usage("file.stored", size_gb=True),
            "data.properties.size_gb: is no number, and meter 'storage' needs it",
            id="a truth",
        ),
        pytest.param(
            OPTIONAL,
            usage("file.stored", size_gb="9"),
            "data.properties.size_gb: is no number, and meter 'storage' needs it",
            id="a text where it may be absent",
        ),
        pytest.param(
            SUM,
            usage("file.stored", size_gb=Decimal("1E-19")),
            "data.properties.size_gb: more than 20 digits before or 18 after the point, "
            "and meter 'storage' can not count it",
            id="too fine",
        ),
        pytest.param(
            COUNT,
            usage("project.created", "1E+20"),
            "data.quantity: more than 20 digits before or 18 after the point, and meter 'projects' can not count it",
            id="too large",
        ),
    ],
)
def test_what_can_not_be_counted_is_impossible(meter: MeterDefinition, event: Usage, detail: str) -> None:
    with pytest.raises(Impossible) as caught:
        amount(meter, event)
    assert (caught.value.reason, caught.value.detail) == (DeadLetterReason.INVALID, detail)


@pytest.mark.parametrize(
    ("meter", "readings", "stands"),
    [
        pytest.param(SUM, ["0.1", "0.2"], "0.3", id="decimals add up exactly"),
        pytest.param(SUM, ["99999999999999999999", "0.000000000000000001"], "99999999999999999999.000000000000000001",
                     id="all 38 digits of them"),
        pytest.param(SUM, ["5", "-7"], "-2", id="never clamped"),
        pytest.param(MAX, ["5", "3", "9", "9"], "9", id="the largest"),
    ],
)  # fmt: skip
def test_a_meter_is_exact(meter: MeterDefinition, readings: list[str], stands: str) -> None:
    state = MeterState()
    for reading in readings:
        state = moved(meter, state, Decimal(reading), None)
    assert state == MeterState(Decimal(stands))


def test_a_sum_that_could_not_be_told_is_impossible() -> None:
    with pytest.raises(Impossible, match="can not count it"):
        moved(SUM, MeterState(Decimal("9E+19")), Decimal("9E+19"), None)


def test_an_impossible_event_changes_nothing_of_any_meter() -> None:
    product = PRODUCT.replace("meters:\n", "meters:\n  files: {count: file.stored}\n")
    bench = Bench(rules(["storage_full: {limit: storage_gb}"], [MORE], product=product))
    bench.store(5)
    before = bench.state()
    with pytest.raises(Impossible):
        bench.use("file.stored", size_gb="five")
    with pytest.raises(Impossible):
        bench.use("file.stored", size_gb=Decimal(99999999999999999999))  # the sum, not the number, is too large
    assert bench.state() == before


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "1E+999999", "1E-999999", "1" * 100, "0." + "0" * 200 + "1"],
    ids=lambda text: text[:9],
)
def test_a_number_of_a_wild_size_is_impossible(number: str) -> None:
    with pytest.raises(Impossible):
        amount(COUNT, usage("project.created", number))


def test_nothing_written_at_length_is_nothing() -> None:
    assert amount(COUNT, usage("project.created", "0E+999")) == 0


@given(st.lists(st.decimals(-1000, 1000, places=3), max_size=12), st.randoms(use_true_random=False))
def test_a_sum_is_the_same_in_any_order(readings: list[Decimal], chance: Random) -> None:
    shuffled = list(readings)
    chance.shuffle(shuffled)

    def total(values: list[Decimal]) -> Decimal:
        state = MeterState()
        for value in values:
            state = moved(SUM, state, value, None)
        return state.value

    assert total(shuffled) == total(readings)


# --- billing periods ----------------------------------------------------------------------------


def period(bench: Bench, starts: int, ends: int, at: int) -> None:
    bench.tell(PeriodStarted, at=at, starts=to_datetime(starts), ends=to_datetime(ends))


def test_a_period_holds_its_start_and_not_its_end() -> None:
    assert Period(10, 20).holds(10)
    assert not Period(10, 20).holds(20)


def test_a_meter_of_a_period_counts_only_what_happened_in_it() -> None:
    bench = Bench(TASKS)
    bench.use("task.ran")
    assert bench.account(ACME).meters == PlainMeters()
    period(bench, T0, T0 + 30 * D, at=T0)
    bench.use("task.ran", quantity=4, at=T0)
    bench.use("task.ran", at=T0 - 1)
    bench.use("task.ran", at=T0 + 30 * D)
    assert standing(bench, "tasks") == MeterState(Decimal(4), T0)


def test_a_new_period_begins_at_nothing() -> None:
    bench = Bench(TASKS)
    period(bench, T0, T0 + 30 * D, at=T0)
    bench.use("task.ran", quantity=50)
    period(bench, T0 + 30 * D, T0 + 60 * D, at=T0 + 30 * D)
    assert standing(bench, "tasks") == MeterState(Decimal(0), T0 + 30 * D)
    bench.use("task.ran", at=T0 + 5 * D)  # late, of the period that is over
    bench.use("task.ran", at=T0 + 31 * D)
    assert standing(bench, "tasks").value == 1


def test_a_period_announced_by_mistake_can_be_corrected() -> None:
    bench = Bench(TASKS)
    period(bench, T0 + 3000 * D, T0 + 3030 * D, at=T0)
    period(bench, T0, T0 + 30 * D, at=T0 + 1)
    assert standing(bench, "tasks") == MeterState(Decimal(0), T0)
    bench.use("task.ran", quantity=3)
    assert standing(bench, "tasks") == MeterState(Decimal(3), T0)


def test_a_period_that_ends_before_it_starts_is_impossible() -> None:
    bench = Bench(TASKS)
    with pytest.raises(Impossible, match="not after"):
        period(bench, T0, T0, at=T0)
    assert bench.account(ACME) == AccountSlice()


# --- baselines ----------------------------------------------------------------------------------


def test_a_baseline_sets_where_a_meter_stands() -> None:
    bench = Bench(TASKS)
    bench.tell(MeterSet, meter="exports", value=Decimal(7), as_of=to_datetime(T0))
    bench.use("report.exported")
    assert standing(bench, "exports").value == 8


def test_a_baseline_of_the_present_period_counts_in_it() -> None:
    bench = Bench(TASKS)
    period(bench, T0, T0 + 30 * D, at=T0)
    bench.tell(MeterSet, meter="tasks", value=Decimal(7), as_of=to_datetime(T0 + H))
    bench.use("task.ran")
    assert standing(bench, "tasks") == MeterState(Decimal(8), T0)


def test_a_baseline_of_another_period_counts_nothing() -> None:
    bench = Bench(TASKS)
    period(bench, T0, T0 + 30 * D, at=T0)
    bench.tell(MeterSet, meter="tasks", value=Decimal(7), as_of=to_datetime(T0 - H))
    assert standing(bench, "tasks") == MeterState(Decimal(0), T0)


@pytest.mark.parametrize("meter", ["nothing", "signatures"])
def test_a_baseline_of_what_is_no_meter_of_accounts_is_impossible(meter: str) -> None:
    bench = Bench(TASKS)
    with pytest.raises(Impossible, match="no meter of accounts"):
        bench.tell(MeterSet, meter=meter, value=Decimal(7), as_of=to_datetime(T0))
    assert bench.account(ACME) == AccountSlice()


def test_a_meter_by_user_is_kept_for_each_user_apart() -> None:
    bench = Bench(TASKS)
    assert TASKS.product.meters["signatures"].span is Span.EVER
    for user in ("ann", "ann", "bob", None):
        bench.use("document.signed", user=user)
    key = TASKS.product.meters["signatures"].key
    assert {user: state.meters[key].value for (_, user), state in bench.users.items()} == {"ann": 2, "bob": 1}
    assert bench.account(ACME).meters[key].value == 4, "the account has the total, also of those without a user"


def test_zeros_at_the_end_of_a_number_do_not_grow_beyond_what_can_be_told() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.store("1.0000000000000000000000000000000000000")  # the 38 digits that a number on the wire may have
    assert offer(bench.store(8)).evidence[0].value == 9


def test_a_fact_from_before_the_year_1_is_a_moment_that_is_too_old() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.store(7)
    early = fact(LimitSet, meter="storage_gb", value=Decimal(7)).model_copy(
        update={"time": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=12)))}
    )
    assert reason(bench.fact(early)) == "stale"


def test_a_users_meter_of_a_period_begins_again_with_the_period() -> None:
    product = PRODUCT.replace("by: user}", "by: user, over: billing_period}")
    bench = Bench(rules([TASKS_UP], ["more: {on: [tasks_up], upgrade_to: next on work}"], product=product))
    key = bench.core.rules.product.meters["signatures"].key
    found = []
    for month in range(2):
        start = T0 + month * 30 * D
        period(bench, start, start + 30 * D, at=start)
        bench.use("document.signed", user="ann", quantity=3, at=start)
        found.append(bench.user(ACME, "ann").meters[key])
    assert found == [MeterState(Decimal(3), T0), MeterState(Decimal(3), T0 + 30 * D)]
