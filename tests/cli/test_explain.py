"""`rung explain`, of decisions that the engine's core made, on a real broker."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.decisions import Candidate, Decision, Reason, Stage, Verdict
from schemas.facts import TicketOpened
from schemas.topics import DECISIONS, OFFERS
from services.cli.decisions import WOULD_NEED, in_words
from services.kit.clock import to_datetime
from services.kit.kafka.admin import create_topics
from services.kit.kafka.sender import Sender
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Origin
from services.trigger_engine.runtime.outbox import TOPIC_OF
from tests.cli.running import rung
from tests.trigger_engine.domain.building import (
    FULL,
    MORE,
    PHOTOS,
    REPORT,
    T0,
    Bench,
    D,
    H,
    decision,
    offer,
    rules,
)

if TYPE_CHECKING:
    from services.kit.settings import KafkaSettings

ROOM = "room_offer: {on: [storage_full], add: room, boost: 0.5, placements: [modal]}"


@pytest.fixture
def bench() -> Bench:
    """A core of a small product, in which nobody is asked while a ticket is open."""
    return Bench(rules([FULL, REPORT], [MORE, ROOM, PHOTOS], "{quiet_when: [open_ticket]}"))


def tell(kafka: KafkaSettings, bench: Bench) -> None:
    """Put all that the core told on the logs of decisions and offers."""

    async def send() -> None:
        topics = (DECISIONS, OFFERS)
        await create_topics(kafka.bootstrap_servers, kafka.topic_prefix, partitions=3, topics=topics)
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            for event in bench.told:
                topic = TOPIC_OF[type(event)]
                if topic in topics:
                    await sender.send(topic, event)

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
        "  arbitrated     yes   score 6 (context 1.5, value 2, match 2)",
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
        "  held           will be decided again when that is so",
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


# --- one offer, by its id ---------------------------------------------------------------------------


def test_an_offer_is_explained_by_its_id_with_what_became_of_it(kafka: KafkaSettings, bench: Bench) -> None:
    made = offer(bench.store("8.5")).offer_id
    bench.wait(H)
    bench.respond(made, "presented", user="maria")
    bench.respond(made, "dismissed", user="maria")
    bench.use("report.exported", user="maria")
    tell(kafka, bench)
    lines = explained("acme", "--offer", made)
    assert [line for line in lines if " · " in line] == [
        "acme · more · offered at 2026-03-01 09:00 (set 7)",
        "acme · more · what became of it",
    ]
    assert lines[-4:] == [
        "  2026-03-01 09:00  made",
        "  2026-03-01 10:00  presented, by maria",
        "  2026-03-01 10:00  dismissed, by maria",
        "",
    ]


def test_an_offer_that_was_taken_back_says_why(kafka: KafkaSettings, bench: Bench) -> None:
    made = offer(bench.store("8.5")).offer_id
    bench.core = Core(bench.core.rules.pausing(frozenset({"more"}), 8))
    bench.told.extend(bench.core.on_switch(bench, "acme", Origin("timer", 0), bench.clocks))
    tell(kafka, bench)
    assert explained("acme", "--offer", made)[-2] == "  2026-03-01 09:00  revoked, because paused"
    told = json.loads(rung("explain", "acme", "--offer", made, "--json").stdout)
    assert [event["type"] for event in told["life"]] == ["rung.offer_made", "rung.offer_revoked"]


# --- all that a decision may say ---------------------------------------------------------------------


def test_a_score_is_told_with_the_factors_that_matter(bench: Bench) -> None:
    bench.store(8)
    told = decision(bench.told)
    factors = {"context": Decimal("1.5"), "match": Decimal(2), "boost": Decimal(1)}
    winner = told.candidates[0].model_copy(update={"score": Decimal(3), "factors": factors})
    lines = list(in_words("acme", told.model_copy(update={"candidates": (winner,)})))
    assert lines[-1] == "  arbitrated     yes   score 3 (context 1.5, match 2)"


def test_what_is_held_says_until_when_and_that_it_will_be_decided_again(bench: Bench) -> None:
    bench.store(8)
    told = decision(bench.told)
    capped = Candidate(
        offer="more",
        moment="storage_full",
        target="plus",
        stage=Stage.WITHIN_BOUNDS,
        reason=Reason.CAPPED,
        until=to_datetime(T0 + D),
    )
    held = {"candidates": (capped,), "held": ("storage_full",), "attempt": 2, "levels": {"engagement": "high"}}
    lines = list(in_words("acme", told.model_copy(update={**held, "segments": ("small_team",)})))
    assert lines[0] == "acme · more · withheld at 2026-03-01 09:00 (set 7, try 2)"
    assert "  account        engagement high, small_team" in lines
    assert lines[-3:] == [
        "  within_bounds  no    capped",
        "  would need     time to pass until the cap counts fewer offers (2026-03-02 09:00 UTC)",
        "  held           will be decided again when that is so",
    ]


def test_a_moment_that_is_not_held_any_more_is_told_so(bench: Bench) -> None:
    bench.store(8)
    told = decision(bench.told).model_copy(update={"given_up": ("storage_full",)})
    assert "  given up       too many moments are held: it will not be decided again" in in_words("acme", told)


def test_who_is_held_out_is_told_apart_from_who_is_offered(bench: Bench) -> None:
    bench.store(8)
    told: Decision = decision(bench.told).model_copy(update={"verdict": Verdict.HELD_OUT})
    assert next(in_words("acme", told, "more")) == "acme · more · held_out at 2026-03-01 09:00 (set 7)"
