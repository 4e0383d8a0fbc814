"""`rung explain`, of decisions that the engine's core made, on a real broker."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from schemas.decisions import Decided, Reason
from schemas.facts import TicketOpened
from schemas.topics import DECISIONS
from services.cli.decisions import WOULD_NEED
from services.kit.kafka.admin import create_topics
from services.kit.kafka.sender import Sender
from tests.cli.running import rung
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, REPORT, Bench, D, rules

if TYPE_CHECKING:
    from services.kit.settings import KafkaSettings

ROOM = "room_offer: {on: [storage_full], add: room, boost: 0.5, placements: [modal]}"


@pytest.fixture
def bench() -> Bench:
    """A core of a small product, in which nobody is asked while a ticket is open."""
    return Bench(rules([FULL, REPORT], [MORE, ROOM, PHOTOS], "{quiet_when: [open_ticket]}"))


def tell(kafka: KafkaSettings, bench: Bench) -> None:
    """Put all that the core decided on the log of decisions."""

    async def send() -> None:
        await create_topics(kafka.bootstrap_servers, kafka.topic_prefix, partitions=3, topics=(DECISIONS,))
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            for event in bench.told:
                if isinstance(event, Decided):
                    await sender.send(DECISIONS, event)

    asyncio.run(send())


def explained(*words: object) -> list[str]:
    result = rung("explain", *words)
    assert result.exit_code == 0
    return result.output.splitlines()


def test_each_reason_says_what_would_have_to_change() -> None:
    assert set(WOULD_NEED) == set(Reason)


def test_an_offer_is_explained_with_what_earned_it(kafka: KafkaSettings, bench: Bench) -> None:
    bench.store("8.50")
    tell(kafka, bench)
    assert explained("acme", "--offer", "more") == [
        "acme · more · offered at 2026-03-01 09:00 (set 7)",
        "  moment         storage_full, storage_gb 8.5 of 10, step 80%, at 2026-03-01 09:00",
        "  eligible       yes   plus, while on free",
        "  suitable       yes",
        "  within_bounds  yes",
        "  arbitrated     yes   score 1.5",
        "",
    ]


def test_nothing_is_explained_by_the_first_stage_that_said_no(kafka: KafkaSettings, bench: Bench) -> None:
    bench.tell(TicketOpened, ticket="4411")
    bench.store(8)
    tell(kafka, bench)
    assert explained("acme", "--offer", "more") == [
        "acme · more · withheld at 2026-03-01 09:00 (set 7)",
        "  moment         storage_full, storage_gb 8 of 10, step 80%, at 2026-03-01 09:00",
        "  eligible       yes   plus, while on free",
        "  suitable       no    open_ticket: #4411 opened 2026-03-01 09:00",
        "  would need     the ticket to be closed, and the cool-down to be over",
        "",
    ]


def test_every_offer_that_competed_is_told(kafka: KafkaSettings, bench: Bench) -> None:
    bench.store(8)
    tell(kafka, bench)
    lines = explained("acme")
    assert [line for line in lines if " · " in line] == [
        "acme · more · offered at 2026-03-01 09:00 (set 7)",
        "acme · room_offer · withheld at 2026-03-01 09:00 (set 7)",
    ]
    assert "  arbitrated     no    outscored: more" in lines


def test_a_moment_without_an_offer_is_told(kafka: KafkaSettings) -> None:
    bench = Bench(replace(rules([FULL, REPORT], [MORE, PHOTOS]), offers={}))
    bench.use("report.exported", user="maria")
    tell(kafka, bench)
    assert explained("acme") == [
        "acme · withheld at 2026-03-01 09:00 (set 7)",
        "  moment         first_report, exports 1, at 2026-03-01 09:00",
        "  offered        no    no_offer",
        "  would need     an offer with this moment in its 'on'",
        "",
    ]


def test_the_newest_come_last_and_older_ones_are_counted(kafka: KafkaSettings, bench: Bench) -> None:
    for gigabytes in (8, 1, 1):
        bench.store(gigabytes)
        bench.wait(D)
    tell(kafka, bench)
    lines = explained("acme", "--offer", "more", "--last", 2)
    heads = [line for line in lines if " · " in line]
    assert [head.partition(" at ")[2] for head in heads] == ["2026-03-02 09:00 (set 7)", "2026-03-03 09:00 (set 7)"]
    assert lines[-1] == "the newest 2 of 3 decisions; --last shows more"


def test_decisions_about_others_are_left_out(kafka: KafkaSettings, bench: Bench) -> None:
    for number in range(8):
        bench.store(8, account=f"a-{number}")
    bench.use("report.exported", account="acme")
    tell(kafka, bench)
    assert [line for line in explained("acme") if " · " in line] == [
        "acme · photos_offer · offered at 2026-03-01 09:00 (set 7)"
    ]


def test_an_account_about_which_nothing_was_decided_is_told_so(kafka: KafkaSettings, bench: Bench) -> None:
    tell(kafka, bench)
    assert explained("acme") == ["no decision about acme is kept: no moment of it has fired lately"]


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        ("mor", "error: 'mor' never competed for acme: did you mean 'more'?\n"),
        ("xyz", "error: 'xyz' never competed for acme; more, room_offer did\n"),
    ],
)
def test_an_offer_that_never_competed_is_told(kafka: KafkaSettings, bench: Bench, offer: str, told: str) -> None:
    bench.store(8)
    tell(kafka, bench)
    result = rung("explain", "acme", "--offer", offer)
    assert (result.exit_code, result.stderr) == (1, told)


def test_a_program_gets_the_decision_as_it_travels_and_what_it_would_need(kafka: KafkaSettings, bench: Bench) -> None:
    bench.store(8)
    tell(kafka, bench)
    told = json.loads(rung("explain", "acme", "--json").stdout)
    assert told["account"] == "acme"
    (decision,) = told["decisions"]
    assert (decision["verdict"], decision["version"]) == ("offered", 7)
    assert [candidate.get("would_need") for candidate in decision["candidates"]] == [
        None,
        WOULD_NEED[Reason.OUTSCORED],
    ]


@pytest.mark.usefixtures("kafka")
def test_topics_that_are_not_there_are_told() -> None:
    result = rung("explain", "acme")
    assert result.exit_code == 1
    assert result.stderr.endswith(".decisions: run `rung topics`\n")
