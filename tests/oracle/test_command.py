"""`rung verify` and `rung snapshot` as an operator runs them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from oracle import snapshot
from oracle.kafka import KafkaLogs
from oracle.recorded import RecordedLogs
from oracle.verify import Options, verify
from tests.cli.running import lines_of, rung
from tests.oracle.tampering import Tampering

if TYPE_CHECKING:
    from pathlib import Path

    from oracle.crew import Crew
    from tests.flow.deployment import Deployment

AT_ONCE = Options(wait=lambda _: None)


@pytest.fixture
def named(ran: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The deployment, as the environment names it."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", ran.bootstrap)
    monkeypatch.setenv("RUNG_TOPIC_PREFIX", ran.prefix)
    return ran


def test_a_run_that_was_right_is_said_to_be(named: Deployment) -> None:
    result = rung("verify")
    assert result.exit_code == 0, result.output
    assert lines_of(result)[-1] == "no violation"
    numbers = json.loads(lines_of(rung("verify", "--json"))[-1])
    assert numbers["violations"] == 0
    assert len(numbers["partitions"]) == named.partitions


@pytest.mark.usefixtures("named")
def test_a_snapshot_is_a_place_to_begin(tmp_path: Path) -> None:
    result = rung("snapshot", tmp_path / "snapshot")
    assert result.exit_code == 0, result.output
    verified = rung("verify", "--snapshot", tmp_path / "snapshot")
    assert (verified.exit_code, lines_of(verified)[-1]) == (0, "no violation"), verified.output
    assert lines_of(verified)[0].startswith("0 messages in 0 transactions")
    told = json.loads(rung("snapshot", tmp_path / "again", "--json").stdout)
    assert told["file"] == str(tmp_path / "again")
    assert told["slices"] > 0
    assert all(transaction > 0 for transaction in told["transactions"].values())


@pytest.mark.usefixtures("named")
def test_what_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"something else")
    result = rung("verify", "--snapshot", tmp_path / "file")
    assert result.exit_code == 2
    assert "is no snapshot" in result.output


def test_a_deployment_that_is_not_there_is_named(named: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNG_TOPIC_PREFIX", f"{named.prefix}-not")
    result = rung("verify")
    assert result.exit_code == 2
    assert f"{named.prefix}-not.usage" in result.output


@pytest.mark.parametrize("side_by_side", [False, True])
def test_a_verification_can_begin_in_the_middle(run: RecordedLogs, crew: Crew, side_by_side: bool) -> None:
    """As of a commit half-way: what was before it is gone, and what comes after is verified, and found out."""
    how = replace(AT_ONCE, crew=crew if side_by_side else None)
    half = cut(run)
    starts = snapshot.starts_of(snapshot.taken(half, wait=lambda _: None))
    later = without(run, half)
    report = verify(later, replace(how, starts=starts))
    assert [str(violation) for violation in report.violations] == []
    assert report.total("transactions") > 3
    tampering = Tampering(later)
    tampering.drop(next(tampering.every("decisions")))
    starts = snapshot.starts_of(snapshot.taken(half, wait=lambda _: None))
    assert verify(tampering.logs, replace(how, starts=starts)).violations


def test_without_a_snapshot_what_is_gone_is_asked_for(run: RecordedLogs) -> None:
    with pytest.raises(Exception, match="verify from a snapshot"):
        verify(without(run, cut(run)), AT_ONCE)


def cut(run: RecordedLogs) -> RecordedLogs:
    """The logs as they were after some transaction of each partition."""
    records = {key: list(held) for key, held in run.records.items()}
    for partition in range(run.partitions()):
        _, ends = half_of(run, partition)
        for topic, end in ends.items():
            records[topic, partition] = [one for one in run.records[topic, partition] if one.offset < end]
    return RecordedLogs(run.prefix, records)


def half_of(run: RecordedLogs, partition: int) -> tuple[int, dict[str, int]]:
    """A transaction half-way, and by topic where what comes after it begins."""
    entries = run.records["engine-journal", partition]
    half = len(entries) // 2
    bodies = [json.loads(entry.value or b"") for entry in entries[:half]]
    counts = {
        "offers": sum(body["offers"] for body in bodies),
        "outcomes": sum(body["outcomes"] for body in bodies),
        "decisions": sum(body["decisions"] for body in bodies),
        "dead-letters": sum(body["dead_letters"] for body in bodies),
        "engine-state": sum(body["slices"] for body in bodies),
        "engine-journal": half,
    }
    ends = {}
    for topic, count in counts.items():
        held = run.records[topic, partition]
        ends[topic] = held[count - 1].offset + 1 if count else 0
    hours = 0
    seen = run.records["engine-seen", partition]
    last = entries[half - 1].timestamp_ms
    while hours < len(seen) and seen[hours].timestamp_ms <= last:
        hours += 1
    ends["engine-seen"] = seen[hours - 1].offset + 1 if hours else 0
    return half, ends


def without(run: RecordedLogs, half: RecordedLogs) -> RecordedLogs:
    """What lies in ``run`` and not in ``half``; the sets are kept for ever."""
    records = {}
    for key, held in run.records.items():
        gone = len(half.records[key]) if key[0] not in ("playbooks", "usage", "responses", "engine-state") else 0
        records[key] = held[gone:]
    return RecordedLogs(run.prefix, records, run.ends)


def test_the_logs_are_read_to_their_end(ran: Deployment, run: RecordedLogs) -> None:
    with KafkaLogs(ran.bootstrap, ran.prefix) as logs:
        assert logs.partitions() == ran.partitions
        bounds = logs.bounds("usage", 0)
        assert len(list(logs.read("usage", 0, bounds.first, bounds.end))) == len(run.records["usage", 0])
        assert list(logs.read("usage", 0, bounds.end, bounds.end)) == []
