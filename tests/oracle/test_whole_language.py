"""The oracle works out again all that an engine made of the whole language in the course of months."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from oracle.verify import verify
from schemas.decisions import Verdict
from schemas.offers import MomentKind, Verb
from tests.oracle.test_power import AT_ONCE
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.happenings import Happenings
from tests.oracle.whole.playing import START_US, played, published
from tests.oracle.whole.sets import CARE, GROWTH, LIMITS, PRODUCT
from tests.oracle.whole.stories import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracle.recorded import RecordedLogs
    from tests.oracle.tampering import Body

SEEDS = (1, 3, 7)
TURNS = 110


@pytest.fixture(scope="module")
def runs() -> list[RecordedLogs]:
    """At the clock's time; and once as history is replayed, in the log's own."""
    return [*(played(seed, TURNS).logs for seed in SEEDS), played(2, TURNS, by_log=True).logs]


@pytest.mark.parametrize("seed", range(3))
def test_the_oracle_agrees_with_the_engine(seed: int) -> None:
    dry = Dry(START_US + DAY)
    dry.tell_sets(published(PRODUCT, LIMITS, GROWTH, CARE, at=START_US))
    happenings = Happenings(dry, seed)
    for _ in range(200):
        happenings.turn()
    report = verify(dry.logs, AT_ONCE)
    assert [str(violation) for violation in report.violations] == []
    assert report.total("digests") == report.total("transactions") > 200


def test_the_oracle_agrees_also_while_sets_change_and_as_history_is_replayed(runs: list[RecordedLogs]) -> None:
    for run in runs:
        report = verify(run, AT_ONCE)
        assert [str(violation) for violation in report.violations] == []
        assert report.total("digests") == report.total("transactions") > TURNS / 2


def test_everything_happened_that_a_set_can_say(runs: list[RecordedLogs]) -> None:
    decisions, offers = [*told(runs, "decisions")], [one["offer"] for one in told(runs, "offers") if "offer" in one]
    assert {moment["kind"] for one in decisions for moment in one["moments"]} == {kind.value for kind in MomentKind}
    assert {one["verdict"] for one in decisions} == {verdict.value for verdict in Verdict}
    assert {one["verb"] for one in offers} == {verb.value for verb in Verb}
    assert max(one["attempt"] for one in decisions) > 2
    assert {one["variant"] for one in offers if "variant" in one} == {"a", "b"}
    paid_once = {one["once"] for one in told(runs, "outcomes") if "once" in one}
    assert paid_once == {"12.000000", "9.500000", "40.000000", "7.000000"}


def told(runs: list[RecordedLogs], topic: str) -> Iterator[Body]:
    """What was told on a topic in all runs."""
    for run in runs:
        for (name, _), records in run.records.items():
            for record in records if name == topic else ():
                yield json.loads(record.value or b"{}")["data"]
