"""`rung reach`, as in a shell, of decisions that the engine's core made under a published set."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schemas.decisions import Decided
from schemas.facts import AccountCreated, TicketOpened
from schemas.topics import DECISIONS
from services.kit.kafka.admin import create_topics
from services.kit.kafka.sender import Sender
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.cli.running import lines_of, rung
from tests.trigger_engine.domain.building import Bench

if TYPE_CHECKING:
    from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"
NAMES = tuple(path.name for path in sorted(SAMPLE.glob("*.yaml")) if ".scenarios" not in path.name)


@pytest.fixture
def decided(kafka: KafkaSettings) -> None:
    """The sample is in force as set 0, and decided about three accounts."""
    assert rung("publish", SAMPLE).exit_code == 0
    bench = Bench(compile_set([(name, (SAMPLE / name).read_text()) for name in NAMES], 0))
    for account in ("acme", "beta", "gamma"):
        bench.tell(AccountCreated, account=account, plan="free")
    bench.tell(TicketOpened, account="beta", ticket="t-1")
    for account in ("acme", "beta"):
        bench.store("1.7", account=account)
    bench.use("report.exported", account="gamma", user="maria")

    async def send() -> None:
        await create_topics(kafka.bootstrap_servers, kafka.topic_prefix, partitions=3, topics=(DECISIONS,))
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            for event in bench.told:
                if isinstance(event, Decided):
                    await sender.send(DECISIONS, event)

    asyncio.run(send())


@pytest.mark.usefixtures("decided")
def test_what_became_of_offers_that_have_not_changed_is_told() -> None:
    result = rung("reach", SAMPLE, "--offer", "more_storage", "--offer", "team_plan")
    assert result.exit_code == 0, result.output
    assert lines_of(result) == [
        "3 decisions about 3 accounts, 2026-03-01 09:00 to 2026-03-01 09:00 UTC, by set 0",
        "more_storage on storage_full",
        "  moment   2 accounts had it, 2 times",
        "  decided  made to 1 of 2 accounts",
        "           not to the others: 1 open_ticket",
        "team_plan on sharing_widely",
        "  moment   nobody had it",
    ]


@pytest.mark.usefixtures("decided")
def test_of_what_is_new_or_changed_the_most_is_told_and_of_a_new_moment_nothing(tmp_path: Path) -> None:
    text = (SAMPLE / "storage.yaml").read_text().replace("    boost: 0.5\n", "    boost: 2\n")
    sooner = (
        (SAMPLE / "teams.yaml")
        .read_text()
        .replace("{milestone: shares, reaches: 20}", "{milestone: shares, reaches: 15}")
    )
    more = "\n  room_too:\n    on: [storage_full]\n    add: photos\n    placements: [modal]\n"
    (tmp_path / "storage.yaml").write_text(text.rstrip() + more)
    (tmp_path / "teams.yaml").write_text(sooner)
    (tmp_path / "product.yaml").write_text((SAMPLE / "product.yaml").read_text())
    lines = lines_of(rung("reach", tmp_path))
    at = lines.index("extra_terabyte on storage_full")
    assert lines[at + 1 : at + 4] == [
        "  moment   2 accounts had it, 2 times",
        "  at most  1 of 2 accounts; it is changed since (offer)",
        "           not the others, whatever the offer: 1 open_ticket",
    ]
    at = lines.index("room_too on storage_full")
    assert lines[at + 2] == "  at most  1 of 2 accounts; it is new"
    assert "  moment   unknown: nobody watched for it; `rung replay` can tell" in lines
    assert lines[-1] == "other offers of the set have changed: who wins between them may differ"


@pytest.mark.usefixtures("decided")
def test_a_program_gets_the_same_whole() -> None:
    told = json.loads(rung("reach", SAMPLE, "--json").stdout)
    assert (told["decisions"], told["accounts"], told["sets"], told["unknown_sets"]) == (3, 3, [0], [])
    (more,) = [offer for offer in told["offers"] if offer["offer"] == "more_storage"]
    assert more["decided"] == {"accounts": 2, "made_to": 1, "held_out": 0, "never_made": {"open_ticket": 1}}
    assert (more["accounts_with_moment"], more["moment_known"]) == (2, True)
    assert more["at_most"]["accounts"] == 0


@pytest.mark.usefixtures("decided")
def test_an_offer_that_the_set_does_not_have_is_told() -> None:
    result = rung("reach", SAMPLE, "--offer", "more_storag")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: the set has no offer 'more_storag': did you mean 'more_storage'?\n",
    )


def test_without_a_decision_nothing_can_be_told(kafka: KafkaSettings) -> None:
    asyncio.run(create_topics(kafka.bootstrap_servers, kafka.topic_prefix, partitions=3))
    assert lines_of(rung("reach", SAMPLE)) == [
        "no decision is kept: nothing can be told of who would get what; `rung replay` plays a set over events"
    ]
