"""Stage headers: readings of clocks that travel beside an event; a broken one is no reading."""

import pytest

from schemas.stages import Stage, stages_from_headers, stages_to_headers

TIMES = {Stage.PRODUCED: 1_772_446_504_120, Stage.DECIDED: 1_772_446_504_180}


def test_times_survive_the_wire() -> None:
    assert stages_from_headers(tuple(stages_to_headers(TIMES))) == TIMES


def test_other_headers_are_no_stages() -> None:
    assert stages_from_headers((("rung_reason", b"1"), ("produced", b"1"))) == {}


@pytest.mark.parametrize("value", [b"", b"-1", b"1.5", b"soon", b"\xb2", b"1" * 5000], ids=repr)
def test_a_broken_time_is_left_out(value: bytes) -> None:
    assert stages_from_headers((("rung_produced", value), ("rung_decided", b"7"))) == {Stage.DECIDED: 7}
