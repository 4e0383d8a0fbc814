"""The oracle's own test: a run that was right is found right, and no change to its logs goes unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from oracle.holdings import Holdings
from oracle.start import Start
from oracle.verify import Options, verify
from tests.oracle.mutations import MUTATIONS
from tests.oracle.tampering import Tampering

if TYPE_CHECKING:
    from oracle.crew import Crew
    from oracle.recorded import RecordedLogs

AT_ONCE = Options(wait=lambda _: None)


def test_a_run_that_was_right_is_found_right(run: RecordedLogs, crew: Crew) -> None:
    report = verify(run, AT_ONCE)
    assert verify(run, replace(AT_ONCE, crew=crew)) == report
    assert [str(violation) for violation in report.violations] == []
    assert report.waiting == 0
    assert report.total("digests") == report.total("transactions") > 10


@pytest.mark.parametrize("max_values", [0, 3])
def test_a_slice_is_the_same_kept_as_a_value_or_read_again(run: RecordedLogs, max_values: int) -> None:
    starts = {number: Start(holdings=Holdings(max_values)) for number in range(run.partitions())}
    assert verify(run, replace(AT_ONCE, starts=starts)) == verify(run, AT_ONCE)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_run_that_was_tampered_with_is_found_out(run: RecordedLogs, crew: Crew, name: str) -> None:
    mutation = MUTATIONS[name]
    tampering = Tampering(run)
    mutation.change(tampering)
    assert tampering.logs.records != run.records
    found = verify(tampering.logs, AT_ONCE).violations
    assert mutation.kinds <= {violation.kind for violation in found}, "\n".join(map(str, found))
    assert verify(tampering.logs, replace(AT_ONCE, crew=crew)).violations == found
