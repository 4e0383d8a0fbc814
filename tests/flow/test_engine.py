"""The engine as a process on a real broker."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from schemas import dead_letters, topics
from schemas.codec import decode_decision, decode_offer, decode_outcome
from schemas.journal import JournalEntry
from schemas.playbooks import OfferPaused, OfferResumed
from tests.flow.deployment import free_port
from tests.kit.waiting import until
from tests.oracle.agreeing import assert_the_oracle_agrees

if TYPE_CHECKING:
    from tests.flow.deployment import Deployment, Engine


async def test_usage_becomes_an_offer_a_decision_and_an_outcome(deployment: Deployment) -> None:
    await deployment.engine()
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 1.7}))
    (made,) = await deployment.until_events(topics.OFFERS, 1)
    offer = made["data"]["offer"]
    assert (made["type"], made["subject"], offer["offer"]) == ("rung.offer_made", "acme", "more_storage")
    assert offer["evidence"][0]["value"] == "1.7"
    for topic, read in (
        (topics.OFFERS, decode_offer),
        (topics.DECISIONS, decode_decision),
        (topics.OUTCOMES, decode_outcome),
    ):
        (record,) = await deployment.read(topic)
        assert read(record.value, record.headers).subject == "acme"
        assert record.key == b"acme"


async def test_a_dismissed_offer_stays_away(deployment: Deployment) -> None:
    await deployment.engine()
    await deployment.send(deployment.event("acme", "report.exported"))
    (made,) = await deployment.until_events(topics.OFFERS, 1)
    offer = made["data"]["offer"]["offer_id"]
    for kind in ("presented", "dismissed", "dismissed"):
        await deployment.send(deployment.response("acme", offer, kind), topic=topics.RESPONSES)
    await deployment.until_events(topics.OFFERS, 3)
    await deployment.send(*(deployment.event("acme", step) for step in ("workspace.created", "member.invited")))
    decisions = await deployment.until_events(topics.DECISIONS, 2)
    assert (decisions[1]["data"]["verdict"], decisions[1]["data"]["reason"]) == ("withheld", "dismissed")
    types = [event["type"] for event in await deployment.events(topics.OFFERS)]
    assert types == ["rung.offer_made", "rung.offer_presented", "rung.offer_dismissed"]
    changes = [event["data"]["change"] for event in await deployment.events(topics.OUTCOMES)]
    assert changes == ["made", "presented", "dismissed"]
    await assert_the_oracle_agrees(deployment)


async def test_what_nobody_can_act_on_is_set_aside_and_the_neighbours_go_on(deployment: Deployment) -> None:
    await deployment.engine()
    future = deployment.event("acme", "report.exported", at=4_000_000_000_000_000)
    good = deployment.event("acme", "report.exported")
    await deployment.send_raw(
        [
            ("acme", b"not json"),
            ("acme", json.dumps(future).encode()),
            ("acme", b'{"big":"' + b"x" * 40_000 + b'"}'),
            ("acme", json.dumps(good | {"subject": "someone-else"}).encode()),
            ("acme", json.dumps(good).encode()),
        ]
    )
    await deployment.until_events(topics.OFFERS, 1)
    records = await deployment.read(topics.DEAD_LETTERS)
    reasons = [dict(record.headers)[dead_letters.REASON].decode() for record in records]
    assert reasons == ["unreadable", "far_future", "too_large", "wrong_partition"]
    assert records[0].value == b"not json"
    told = dict(records[1].headers)
    usage = await deployment.read(topics.USAGE)
    assert told[dead_letters.TOPIC].decode() == usage[1].topic
    assert int(told[dead_letters.OFFSET]) == usage[1].offset
    assert int(told[dead_letters.PARTITION]) == usage[1].partition
    await assert_the_oracle_agrees(deployment)


async def test_a_restarted_engine_goes_on_where_it_was(deployment: Deployment) -> None:
    engine = await deployment.engine()
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 1}))
    await until("counted", lambda: counted(engine, 1))
    assert await engine.stop() == 0
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 0.7}))
    await deployment.engine()
    (made,) = await deployment.until_events(topics.OFFERS, 1)
    assert made["data"]["offer"]["evidence"][0]["value"] == "1.7"
    await assert_the_oracle_agrees(deployment)


async def counted(engine: Engine, count: int) -> bool:
    return await engine.metric("rung_engine_records_total", handled="counted") >= count


async def test_lag_tools_are_told_how_far_the_engine_is(deployment: Deployment) -> None:
    engine = await deployment.engine()
    await deployment.send(*[deployment.event(f"acc-{number}", "report.exported") for number in range(40)])
    await until("all is counted", lambda: settled(deployment))
    await engine.stop()
    admin = AIOKafkaAdminClient(bootstrap_servers=deployment.bootstrap)
    await admin.start()
    try:
        told = await admin.list_consumer_group_offsets(f"{deployment.prefix}-trigger_engine")
    finally:
        await admin.close()
    ends = await deployment.ends(topics.USAGE)
    assert {tp.partition: told[tp].offset for tp in told} == {number: end for number, end in ends.items() if end}


async def test_no_offer_is_lost_or_doubled_when_the_engine_is_killed_while_it_works(deployment: Deployment) -> None:
    accounts = [f"acc-{number}" for number in range(400)]
    rounds = [[deployment.event(account, "report.exported") for account in accounts] for _ in range(4)]
    engine = await deployment.engine(RUNG_ENGINE_COMMIT_MS="20", RUNG_ENGINE_SESSION_MS="2000")
    kills = 0
    for number, events in enumerate(rounds):
        sending = asyncio.create_task(deployment.send(*events, *rounds[0][:50]))  # some of them once more
        if number < 3:
            seen = await engine.metric("rung_engine_records_total", handled="counted")
            await until("it is at work", lambda: counted(engine, int(seen) + 20))  # noqa: B023 - waited for at once
            await engine.kill()
            kills += 1
            engine = await deployment.engine(RUNG_ENGINE_COMMIT_MS="20", RUNG_ENGINE_SESSION_MS="2000")
        await sending
    await until("all is counted", lambda: settled(deployment), 60)
    offers = Counter(event["subject"] for event in await deployment.events(topics.OFFERS))
    decisions = Counter(event["id"] for event in await deployment.events(topics.DECISIONS))
    assert kills == 3
    assert offers == Counter(accounts)
    assert set(decisions.values()) == {1}
    await assert_journal_is_whole(deployment)
    await assert_the_oracle_agrees(deployment)


async def settled(deployment: Deployment) -> bool:
    """Whether all usage that was sent is in the journal; that topic has no markers, so its end is its last record."""
    ends = await deployment.ends(topics.USAGE)
    journaled = dict.fromkeys(ends, 0)
    for record in await deployment.read(topics.ENGINE_JOURNAL):
        for segment in JournalEntry.model_validate_json(record.value or b"").segments:
            if segment.stream == "usage" and segment.last is not None:
                journaled[record.partition] = segment.last + 1
    return journaled == ends


async def assert_journal_is_whole(deployment: Deployment) -> None:
    """Every usage record was taken in by exactly one transaction, and they are numbered without a gap."""
    for partition in range(deployment.partitions):
        records = [record for record in await deployment.read(topics.ENGINE_JOURNAL) if record.partition == partition]
        entries = [JournalEntry.model_validate_json(record.value or b"") for record in records]
        assert [entry.transaction for entry in entries] == list(range(1, len(entries) + 1))
        ranges = [(s.first, s.last) for entry in entries for s in entry.segments if s.stream == "usage"]
        after = 0
        for first, last in ranges:
            assert first == after
            after = (last or 0) + 1


async def test_two_engines_share_the_partitions_and_one_goes_on_alone(deployment: Deployment) -> None:
    first = await deployment.engine(RUNG_ENGINE_SESSION_MS="3000")
    second = await deployment.engine(RUNG_ENGINE_SESSION_MS="3000")

    async def shared() -> bool:
        held = [await engine.metric("rung_engine_partitions") for engine in (first, second)]
        return sum(held) == deployment.partitions and min(held) >= 1

    await until("both have partitions", shared)
    accounts = [f"acc-{number}" for number in range(30)]
    await deployment.send(*(deployment.event(account, "report.exported") for account in accounts))
    await deployment.until_events(topics.OFFERS, 30)
    await first.kill()
    await deployment.send(
        *(deployment.event(account, "file.stored", properties={"size_gb": 2}) for account in accounts)
    )
    offers = await deployment.until_events(topics.OFFERS, 60)
    made = Counter((event["subject"], event["data"]["offer"]["offer"]) for event in offers)
    assert set(made.values()) == {1}
    await assert_journal_is_whole(deployment)
    await assert_the_oracle_agrees(deployment)


async def test_an_engine_that_slept_past_its_session_is_shut_out_and_changes_nothing(deployment: Deployment) -> None:
    first = await deployment.engine(RUNG_ENGINE_SESSION_MS="2000")
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 1}))
    await until("counted", lambda: counted(first, 1))
    first.process.send_signal(signal.SIGSTOP)
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 0.7}))
    await deployment.engine(RUNG_ENGINE_SESSION_MS="2000")
    await deployment.until_events(topics.OFFERS, 1)
    first.process.send_signal(signal.SIGCONT)
    await until("fenced", first.fenced)
    await deployment.send(deployment.event("acme", "report.exported"))
    await deployment.until_events(topics.OFFERS, 2)
    assert len(await deployment.events(topics.OFFERS)) == 2
    await assert_journal_is_whole(deployment)
    await assert_the_oracle_agrees(deployment)


async def test_a_set_that_is_refused_changes_nothing(deployment: Deployment) -> None:
    engine = await deployment.engine()
    await deployment.publish(playbook="playbook: x\noffers: {a: {on: [nothing]}}")
    await deployment.publish(expects=77)

    async def refused() -> bool:
        return await engine.metric("rung_engine_sets_refused_total") == 2

    await until("both are refused", refused)
    assert await engine.metric("rung_engine_set_version") == 0
    await deployment.send(deployment.event("acme", "report.exported"))
    await deployment.until_events(topics.OFFERS, 1)
    await assert_the_oracle_agrees(deployment)


async def test_a_new_set_takes_over_between_two_commits(deployment: Deployment) -> None:
    engine = await deployment.engine()
    await deployment.publish(
        playbook="playbook: other\nmoments: {two: {milestone: exports, reaches: 2}}\n"
        "offers: {second_report: {on: [two], add: insights}}",
        expects=0,
    )
    await until("the new set is in force", lambda: in_force(engine, 1))
    await deployment.send(*(deployment.event("acme", "report.exported") for _ in range(2)))
    (made,) = await deployment.until_events(topics.OFFERS, 1)
    assert (made["data"]["offer"]["offer"], made["data"]["offer"]["version"]) == ("second_report", 1)
    await assert_the_oracle_agrees(deployment)


async def test_a_paused_offer_is_taken_back_from_everybody_and_goes_on_when_resumed(deployment: Deployment) -> None:
    await deployment.engine()
    accounts = [f"acc-{number}" for number in range(300)]
    await deployment.send(*(deployment.event(account, "report.exported") for account in accounts))
    await deployment.until_events(topics.OFFERS, 300)
    await deployment.switch(OfferPaused, "report_insights")
    events = await deployment.until_events(topics.OFFERS, 600)
    revoked = [event for event in events if event["type"] == "rung.offer_revoked"]
    assert sorted(event["subject"] for event in revoked) == sorted(accounts)
    assert {event["data"]["reason"] for event in revoked} == {"paused"}
    await deployment.send(deployment.event("late", "report.exported"))
    (decision,) = await deployment.until_events(topics.DECISIONS, 1, "late")
    assert decision["data"]["reason"] == "paused"
    await deployment.switch(OfferResumed, "report_insights")
    await until("the resumed set is in force", lambda: in_force(deployment.engines[0], 2))
    await deployment.send(deployment.event("later", "report.exported"))
    assert (await deployment.until_events(topics.DECISIONS, 1, "later"))[0]["data"]["version"] == 2
    await assert_the_oracle_agrees(deployment)


async def in_force(engine: Engine, version: int) -> bool:
    return await engine.metric("rung_engine_set_version") == version


async def test_an_erased_account_is_gone_also_after_a_restart(deployment: Deployment) -> None:
    engine = await deployment.engine(RUNG_ENGINE_SESSION_MS="2000")
    old = deployment.event("acme", "report.exported")
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 2}))
    await deployment.until_events(topics.OFFERS, 1)
    await deployment.send(deployment.event("acme", "rung.account_erased"))
    await deployment.until_events(topics.OFFERS, 2)
    await engine.kill()
    engine = await deployment.engine(RUNG_ENGINE_SESSION_MS="2000")
    await deployment.send(old)
    await until("it is refused", lambda: handled(engine, "erased"))
    assert [event["type"] for event in await deployment.events(topics.OFFERS)] == [
        "rung.offer_made",
        "rung.offers_erased",
    ]
    state = {record.key: record.value for record in await deployment.read(topics.ENGINE_STATE)}
    assert [key for key, value in state.items() if b"acme" in (key or b"") and value is not None] == []
    await assert_the_oracle_agrees(deployment)


async def handled(engine: Engine, how: str) -> bool:
    return await engine.metric("rung_engine_records_total", handled=how) >= 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"KAFKA_BOOTSTRAP_SERVERS": "nonsense"}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"RUNG_ENGINE_COMMIT_MS": "soon"}, "RUNG_ENGINE_COMMIT_MS"),
        ({"RUNG_ENGINE_TIME": "sundial"}, "RUNG_ENGINE_TIME"),
    ],
)
async def test_a_wrong_setting_stops_the_process_with_one_line_that_names_it(
    deployment: Deployment, settings: dict[str, str], told: str
) -> None:
    engine = await deployment.engine(wait=False, **settings)
    assert await asyncio.wait_for(engine.process.wait(), 20) == 78
    (line,) = engine.log.read_text().splitlines()
    assert told in line


async def test_missing_topics_are_named_with_what_to_do(deployment: Deployment) -> None:
    engine = await deployment.engine(wait=False, RUNG_TOPIC_PREFIX=f"{deployment.prefix}x")
    assert await asyncio.wait_for(engine.process.wait(), 20) == 78
    assert "run `rung topics`" in engine.log.read_text()


async def test_a_taken_port_is_named(deployment: Deployment) -> None:
    port = free_port()
    await deployment.engine(RUNG_ENGINE_HTTP_PORT=str(port), wait=False)
    second = await deployment.engine(RUNG_ENGINE_HTTP_PORT=str(port), wait=False)
    await asyncio.wait_for(
        asyncio.wait(
            [asyncio.create_task(e.process.wait()) for e in deployment.engines], return_when=asyncio.FIRST_COMPLETED
        ),
        20,
    )
    assert any(str(port) in engine.log.read_text() for engine in (second, deployment.engines[0]))
