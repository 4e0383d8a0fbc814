"""The oracle's power over the whole language: no change to a run of it goes unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from oracle.verify import verify
from oracle.violations import Kind
from tests.oracle.tampering import NotThere, Tampering
from tests.oracle.test_power import AT_ONCE
from tests.oracle.test_whole_language import SEEDS, TURNS
from tests.oracle.whole.mutations import MUTATIONS
from tests.oracle.whole.mutations.engine import FAULTS
from tests.oracle.whole.playing import played

if TYPE_CHECKING:
    from oracle.recorded import RecordedLogs
    from oracle.violations import Violation
    from tests.oracle.mutations.making import Mutation


OF_MANY_OFFERS = 6
"""The seed of a run in which an account has all the offers in a week that it may."""


class Enough(Exception):
    """What was looked for is found."""


@pytest.fixture(scope="module")
def runs() -> list[RecordedLogs]:
    """Runs in which, together, everything happened."""
    of_seeds = [played(seed, TURNS).logs for seed in (*SEEDS, OF_MANY_OFFERS)]
    return [*of_seeds, played(2, TURNS, by_log=True).logs]


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_run_that_was_tampered_with_is_found_out(runs: list[RecordedLogs], name: str) -> None:
    """The first that has what is to be changed; of another rule, the first for which that makes a difference."""
    mutation = MUTATIONS[name]
    for run in runs:
        tampering = Tampering(run)
        try:
            mutation.change(tampering)
        except NotThere:
            continue
        assert tampering.logs.records != run.records
        if is_found(mutation, tampering.logs):
            return
        assert not mutation.kinds, "it went unseen"
    pytest.fail("no run shows it")


@pytest.mark.parametrize("name", FAULTS)
def test_an_engine_that_leaves_something_out_is_found_out(name: str) -> None:
    found = {seed: verify(played(seed, TURNS, fault=FAULTS[name]).logs, AT_ONCE).violations for seed in SEEDS}
    assert any(found.values()), "it went unseen"
    assert {violation.kind for violations in found.values() for violation in violations} == {Kind.MISSING}


def is_found(mutation: Mutation, logs: RecordedLogs) -> bool:
    """Whether all that it must be found as is found; nothing is looked at after that."""
    found: set[Kind] = set()

    def note(violation: Violation) -> None:
        found.add(violation.kind)
        if mutation.kinds <= found:
            raise Enough

    try:
        verify(logs, replace(AT_ONCE, on_found=note))
    except Enough:
        return True
    return False
