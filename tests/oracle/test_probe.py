"""The oracle knows the probe's accounts: it is content with a log that has them, and misses what should be there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oracle import probe as learned
from oracle.verify import verify
from oracle.violations import Kind
from schemas import probe as wire
from services.kit.clock import to_datetime
from services.trigger_engine.domain.playbook import probe as engine
from tests.oracle.test_power import AT_ONCE
from tests.oracle.test_sweeps import PLAYBOOK, PRODUCT
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.playing import START_US, published

if TYPE_CHECKING:
    from oracle.recorded import RecordedLogs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "language" / "probe.md"
PROBES = [f"{wire.MARK}t:{number}" for number in range(4)]


def told(dry: Dry, account: str, kind: str, source: str = wire.SOURCE, **data: object) -> None:
    number = sum(map(len, dry.records.values()))
    dry.send(
        "usage",
        {
            "specversion": "1.0", "id": f"e-{number}", "source": source, "type": kind, "subject": account,
            "time": to_datetime(dry.clock.now + number).isoformat(), "data": data,
        },
    )  # fmt: skip


def run() -> RecordedLogs:
    """Passes of the probe between customers, with a stranger, responses, another set, and time that passes."""
    dry = Dry(START_US)
    dry.tell_sets(published(PRODUCT, PLAYBOOK, at=START_US))
    for turn in range(4):
        for account in PROBES:
            told(dry, account, "rung.account_erased")
            told(dry, account, wire.EVENT, user=f"u-{turn}")
            told(dry, account, wire.EVENT, user=f"u-{turn}")
            told(dry, account, wire.EVENT, "somebody", user=f"u-{turn}")
            told(dry, account, "report.exported")
        told(dry, f"customer-{turn}", "report.exported", "app")
        dry.turn()
        if turn == 1:
            dry.tell_sets(published(f"{PRODUCT}guardrails: {{quiet_when: [open_ticket]}}\n", PLAYBOOK, at=START_US + 1))
    offer = next(
        one
        for one in dry.records["offers", 0]
        if b"rung.offer_made" in (one.value or b"") and wire.MARK.encode() in (one.key or b"")
    )
    account = (offer.key or b"").decode()
    dry.send(
        "responses",
        {
            "specversion": "1.0", "id": "r-1", "source": "rung.offer_api", "type": "rung.responded",
            "subject": account, "time": to_datetime(dry.clock.now + 900).isoformat(),
            "data": {"offer": "no-such-offer", "response": "clicked"},
        },
    )  # fmt: skip
    dry.turn()
    dry.clock.now += 2 * 3_600 * 1_000_000
    dry.turn()
    return dry.logs


def of_probe(logs: RecordedLogs, topic: str) -> list[tuple[int, int]]:
    """Partition and place of each record about one of its accounts."""
    return [
        (partition, place)
        for (name, partition), records in logs.records.items()
        if name == topic
        for place, record in enumerate(records)
        if (record.key or b"").startswith(wire.MARK.encode())
    ]


def test_it_is_content_with_logs_that_have_accounts_of_the_probe() -> None:
    logs = run()
    assert [str(violation) for violation in verify(logs, AT_ONCE).violations] == []
    assert len(of_probe(logs, "offers")) == 16 + 16 + 4  # erased and made in each turn, and expired at the end
    assert of_probe(logs, "decisions") == of_probe(logs, "outcomes") == []
    assert len(of_probe(logs, "dead-letters")) == 4 * 4 + 1


def test_an_offer_of_the_probe_that_is_gone_is_missed() -> None:
    logs = run()
    partition, place = of_probe(logs, "offers")[1]
    del logs.records["offers", partition][place]
    assert Kind.MISSING in {violation.kind for violation in verify(logs, AT_ONCE).violations}


def test_a_decision_about_the_probe_is_one_too_many() -> None:
    logs = run()
    partition, place = of_probe(logs, "offers")[1]
    told_of = logs.records["offers", partition][place]
    decisions = logs.records["decisions", partition]
    decisions.append(told_of._replace(offset=len(decisions)))
    assert Kind.UNEXPECTED in {violation.kind for violation in verify(logs, AT_ONCE).violations}


def test_engine_oracle_and_page_have_the_same_set_and_names() -> None:
    text = PAGE.read_text()
    for mine, learnt in ((engine.PRODUCT, learned.PRODUCT), (engine.PLAYBOOK, learned.PLAYBOOK)):
        assert mine == learnt
        assert f"```yaml\n{mine}```" in text
    assert (wire.MARK, wire.SOURCE) == (learned.MARK, learned.SOURCE)
    assert f"`{wire.MARK}`" in text
    assert f"`{wire.SOURCE}`" in text
