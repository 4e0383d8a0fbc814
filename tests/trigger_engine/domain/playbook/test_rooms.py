"""All meters and moments of a set fit into the state of an account, however much the set asks for."""

from decimal import Decimal

import pytest

from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import (
    AbsenceMoment,
    AnyMoment,
    LimitMoment,
    MilestoneMoment,
    SequenceMoment,
)
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.rooms import ROOM_BYTES, SIZES, roomed_meters, roomed_moments, size_for
from tests.trigger_engine.domain.building import PRODUCT, D, rules

ROLLING = [MeterDefinition(f"m{n}", Aggregate.COUNT, "a.b", span=Span.ROLLING, rolling_us=D) for n in range(400)]
PLAIN = [MeterDefinition(f"p{n}", Aggregate.COUNT, "a.b") for n in range(400)]
ROWS: list[AnyMoment] = [SequenceMoment(f"s{n}", ("a.b", "c.d", "e.f"), D, D) for n in range(400)]


@pytest.mark.parametrize(
    ("meters", "moments", "size"),
    [
        pytest.param(PLAIN[:50], [], 512, id="numbers take next to nothing"),
        pytest.param(ROLLING[:3], [], 512, id="three windows that roll"),
        pytest.param(ROLLING[:4], [], 256, id="four of them are exact up to half as many"),
        pytest.param(ROLLING[:45], [], 32, id="forty-five"),
        pytest.param(ROLLING[:50], [], None, id="fifty are too many"),
        pytest.param([], ROWS[:20], 256, id="twenty sequences"),
        pytest.param([], ROWS, None, id="four hundred are too many"),
    ],
)
def test_the_more_there_are_the_less_each_keeps(
    meters: list[MeterDefinition], moments: list[AnyMoment], size: int | None
) -> None:
    assert size_for(meters, moments) == size


def test_each_part_of_an_account_has_a_room_of_its_own() -> None:
    """The account has the total of each meter, and the slice of a user none that is kept by something else."""
    by = [MeterDefinition("u", Aggregate.DISTINCT, "a.b", prop="x", by_user=True, span=Span.ROLLING, rolling_us=D)]
    assert size_for(by, []) == 512
    assert size_for([*by, *ROLLING[:2]], []) == 512
    assert size_for([*by, *ROLLING[:3]], []) == 256


def test_what_a_meter_keeps_is_no_part_of_what_it_is() -> None:
    meters = {meter.name: meter for meter in ROLLING[:5]}
    assert [meter.key for meter in roomed_meters(meters, 64).values()] == [meter.key for meter in meters.values()]
    assert {meter.kept for meter in roomed_meters(meters, 64).values()} == {64}


def test_moments_keep_an_eighth_of_it() -> None:
    moments: dict[str, AnyMoment] = {
        "a": AbsenceMoment("a", "x.y", "y.z", D, D),
        "l": LimitMoment("l", "m", (), D),
        "m": MilestoneMoment("m", "m", Decimal(1), D),
    }
    assert [getattr(moment, "kept", None) for moment in roomed_moments(moments, 128).values()] == [16, 16, None]


def test_a_set_is_compiled_with_what_fits() -> None:
    rolling = "".join(f"  r{n}: {{count: file.shared, over: 7d}}\n" for n in range(8))
    made = rules(["m: {milestone: shares, reaches: 1}"], ["o: {on: [m], add: photos}"],
                 product=PRODUCT.replace("meters:\n", f"meters:\n{rolling}"))  # fmt: skip
    assert {meter.kept for meter in made.product.meters.values()} == {128}
    assert {watched.meter.kept for watched in made.feeds["file.shared"].meters} == {128}
    assert max(SIZES) * 18 * 3 < ROOM_BYTES


def test_a_set_that_asks_for_too_much_is_refused() -> None:
    rolling = "".join(f"  r{n}: {{count: file.shared, over: 7d}}\n" for n in range(100))
    with pytest.raises(SetRefused, match=r"crowded.*have 28 KiB of an account"):
        rules(["m: {milestone: shares, reaches: 1}"], ["o: {on: [m], add: photos}"],
              product=PRODUCT.replace("meters:\n", f"meters:\n{rolling}"))  # fmt: skip
