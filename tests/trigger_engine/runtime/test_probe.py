"""Accounts of the probe at the intake: judged in truth, told of to front ends alone, and nobody else's to speak of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.probe import EVENT, MARK, OFFER, SOURCE
from services.kit.kafka.partitioning import partition_of
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.playbook.probe import probe_set
from services.trigger_engine.domain.quiet import lanes_of
from services.trigger_engine.metrics import Stream
from tests.trigger_engine.runtime.sets import sample_core
from tests.trigger_engine.runtime.test_intake import NOON, PARTITION, PARTITIONS, Desk, dead_letter, message

PROBE = next(name for name in (f"{MARK}t:{n}" for n in range(99)) if partition_of(name, PARTITIONS) == PARTITION)
HOUR_US = 3_600 * 1_000_000
EARNING = ("rung_engine_decisions_total", "rung_engine_moments_total", "rung_stage_latency_seconds_count")


def asked(desk: Desk, user: str = "u-1", at: int = NOON, source: str = SOURCE, kind: str = EVENT) -> None:
    data: dict[str, Any] = {"user": user} if kind == EVENT else {}
    value = message(kind, at, id=f"e-{desk.offset}", subject=PROBE, source=source, data=data)
    desk.take(value, key=PROBE.encode())


def offers(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(record.value or b"") for record in desk.written("offers")]


def counted(desk: Desk) -> float:
    """All that is counted of decisions, moments and offers on their way."""
    families = desk.registry.collect()
    return sum(sample.value for family in families for sample in family.samples if sample.name in EARNING)


def test_what_the_probe_asks_earns_an_offer_that_is_on_no_other_log() -> None:
    desk = Desk()
    asked(desk)
    assert desk.types() == ["rung.offer_made"]
    (made,) = offers(desk)
    assert (made["data"]["offer"]["offer"], made["data"]["offer"]["user"]) == (OFFER, "u-1")


def test_a_customers_offer_is_told_on_all_of_them_and_counted() -> None:
    desk = Desk()
    desk.event("report.exported")
    assert desk.types() == ["rung.decided", "rung.offer_made", "rung.offer_judged"]
    assert counted(desk) > 0


def test_nothing_of_the_probe_is_counted_as_a_decision_or_on_its_way() -> None:
    desk = Desk()
    asked(desk)
    assert counted(desk) == 0
    assert [name for name, _ in desk.written("offers")[0].headers if name.startswith("rung_")] == []


def test_a_user_earns_one_offer_and_another_waits_while_it_is_open() -> None:
    desk = Desk()
    for user in ("u-1", "u-2", "u-1"):
        asked(desk, user)
    assert [made["data"]["offer"]["user"] for made in offers(desk)] == ["u-1"]


def test_an_account_that_is_erased_begins_anew_and_leaves_one_marker_however_often() -> None:
    desk = Desk()
    for turn in range(20):
        asked(desk, kind="rung.account_erased", at=NOON + 2 * turn)
        asked(desk, f"u-{turn}", at=NOON + 2 * turn + 1)
        written = desk.slices.changes()
        desk.slices.adopt(written)
    assert len([event for event in offers(desk) if event["type"] == "rung.offer_made"]) == 20
    assert len({event["id"] for event in offers(desk)}) == 40
    assert len(desk.slices) == 2  # the account, and the user of the last turn
    assert len(desk.slices._erased) == 1


def test_an_offer_of_the_probe_expires_by_the_probes_own_rules_and_quietly() -> None:
    desk = Desk()
    asked(desk)
    desk.clock.now = NOON + HOUR_US
    desk.intake.timing.tick(desk.core)
    assert desk.types() == ["rung.offer_made", "rung.offer_expired"]


def test_a_sweep_to_another_set_leaves_the_probes_offer_open() -> None:
    desk = Desk()
    asked(desk)
    desk.core = Core(desk.core.rules.pausing(frozenset({"report_insights"}), 1))
    desk.intake.timing.sweep(desk.core, [PROBE])
    assert desk.types() == ["rung.offer_made"]


@pytest.mark.parametrize("kind", [EVENT, "file.stored", "rung.account_created"])
def test_whoever_else_speaks_of_an_account_of_the_probe_is_told_so(kind: str) -> None:
    desk = Desk()
    asked(desk)  # so that the account is at work already
    before = desk.types()
    asked(desk, "u-2", source="backend", kind=kind)
    reason, detail = dead_letter(desk)
    assert reason == "invalid"
    assert "reserved for the probe" in detail
    assert desk.types() == before


def test_foreign_usage_is_refused_also_where_many_events_could_be_counted_together() -> None:
    desk = Desk()
    asked(desk)
    asked(desk)  # of a customer's usage the quick way would take the next
    strange = [
        message(EVENT, NOON, id=f"s-{n}", subject=PROBE, source="backend", data={"user": "u-1"}) for n in range(9)
    ]
    for value in strange:
        desk.take(value, key=PROBE.encode(), stream=Stream.USAGE)
    assert len(desk.written("dead-letters")) == len(strange)
    assert lanes_of(desk.slices.account(PROBE)) == {}  # the quick way knows nothing of senders


def test_the_operators_own_set_is_not_asked_about_the_probe() -> None:
    desk = Desk()
    asked(desk, kind="report.exported")
    assert desk.types() == []


def test_the_probes_set_goes_by_the_version_that_is_in_force() -> None:
    core = sample_core(7) if sample_core.__code__.co_argcount else sample_core()
    assert core.of(PROBE).rules.version == core.rules.version
    assert core.of("acme") is core
    assert probe_set(3).version == 3
