"""`rung replay`, as in a shell: over a file, and over what a deployment keeps."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from schemas.codec import decode_response, decode_usage
from schemas.topics import DECISIONS, RESPONSES, USAGE
from services.kit.kafka.admin import create_topics
from services.kit.kafka.sender import Sender
from tests.cli.running import lines_of, rung
from tests.trigger_engine.domain.building import Bench, compiled

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"


def event(number: int, kind: str, account: str, day: int, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "test",
        "type": kind,
        "subject": account,
        "time": f"2026-03-{day:02}T09:00:00Z",
        "data": data,
    }


def stored(size_gb: float) -> dict[str, Any]:
    return {"user": "maria", "properties": {"size_gb": size_gb}}


LOG = [
    event(1, "rung.account_created", "acme", 1, plan="free"),
    event(2, "rung.account_created", "beta", 1, plan="free"),
    event(3, "rung.ticket_opened", "beta", 2, ticket="t-1"),
    event(4, "file.stored", "acme", 10, **stored(1.7)),
    event(5, "file.stored", "beta", 11, **stored(1.9)),
    event(6, "report.exported", "gamma", 12),
    event(7, "rung.plan_changed", "acme", 14, plan="plus"),
    event(8, "rung.plan_changed", "beta", 15, plan="plus"),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LOG))
    return path


def told(*words: object) -> dict[str, Any]:
    result = rung("replay", *words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def offers(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {offer["offer"]: offer for offer in found["offers"]}


def test_what_would_have_been_offered_is_told_with_why_not(log: Path) -> None:
    result = rung("replay", SAMPLE, "--events", log)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = lines_of(result)
    assert lines[:6] == [
        f"{SAMPLE}: 8 events of 3 accounts, 2026-03-01 09:00 to 2026-03-15 09:00 UTC",
        "  taken in: 3 counted, 5 fact",
        "moments:",
        "  first_report fired 1 time, for 1 account",
        "  storage_full fired 2 times, for 2 accounts",
        "offers:",
    ]
    assert "  more_storage on storage_full: made to 1 of 2 accounts" in lines
    assert "    never made: 1 open_ticket" in lines
    assert any(
        line.startswith(
            "  more_storage to acme, storage_full, storage_gb 1.7 of 2, step 80%, at 2026-03-10 09:00: made"
        )
        for line in lines
    )


def test_a_program_gets_the_same_whole(log: Path) -> None:
    found = told(SAMPLE, "--events", log)
    assert found["log"] == {
        "events": 8,
        "accounts": 3,
        "first": "2026-03-01T09:00:00+00:00",
        "last": "2026-03-15T09:00:00+00:00",
        "begins_cut": False,
    }
    assert found["taken_in"]["counted"] == 3
    more = offers(found)["more_storage"]
    assert (more["competed_for"], more["made_to"], more["never_made"]) == (2, 1, {"open_ticket": 1})
    assert more["changes_of_offer"]["made"] == 1
    assert {moment["moment"]: moment["accounts"] for moment in found["moments"]} == {
        "first_report": 1,
        "storage_full": 2,
    }


def test_a_file_may_be_compressed_or_come_from_standard_input(log: Path, tmp_path: Path) -> None:
    packed = tmp_path / "events.jsonl.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    assert told(SAMPLE, "--events", packed) == told(SAMPLE, "--events", log)
    piped = rung("replay", SAMPLE, "--events", "-", "--json", stdin=log.read_text())
    assert json.loads(piped.stdout) == told(SAMPLE, "--events", log)


def test_lines_that_are_no_events_are_told_with_the_first_of_them(log: Path) -> None:
    log.write_text(log.read_text() + "\n{\n[1]\n" + json.dumps(LOG[5] | {"id": "late", "time": "2026-02-01T09:00:00Z"}))
    lines = lines_of(rung("replay", SAMPLE, "--events", log))
    assert any(line.startswith("  set aside: 2 unreadable, the first at 10: not JSON") for line in lines)
    assert "  set aside: 1 late, the first at 12: time: further back than the allowed lateness" in lines


def test_usage_may_be_as_late_as_is_said(log: Path) -> None:
    log.write_text(log.read_text() + json.dumps(LOG[3] | {"id": "late", "time": "2026-03-03T09:00:00Z"}))
    assert told(SAMPLE, "--events", log)["set_aside"]["late"]["count"] == 1
    assert told(SAMPLE, "--events", log, "--lateness", 30 * 86_400)["set_aside"] == {}


def test_responses_in_the_file_are_judged(log: Path) -> None:
    before = told(SAMPLE, "--events", log)
    (made,) = [one for one in before["examples"] if one["offer"] == "more_storage" and "reason" not in one]
    said = event(9, "rung.responded", "acme", 11, offer=made["offer_id"], response="dismissed")
    log.write_text("".join(json.dumps(line) + "\n" for line in [*LOG[:5], said, *LOG[5:]]))
    after = offers(told(SAMPLE, "--events", log))["more_storage"]
    assert offers(before)["more_storage"]["changes_of_offer"] == {"made": 1, "revoked": 1}
    assert after["changes_of_offer"] == {"dismissed": 1, "made": 1}


def test_what_came_before_an_outcome_is_told_by_account(log: Path) -> None:
    asked = ("--outcome", "rung.plan_changed:plan=plus", "--within", "7d")
    lines = lines_of(rung("replay", SAMPLE, "--events", log, *asked))
    at = lines.index("outcome rung.plan_changed:plan=plus: 2 of 3 accounts (66.67%); in time is up to 7d before it")
    assert [line.split() for line in lines[at + 2 : at + 4]] == [
        ["any", "moment", "2", "0", "0", "0", "4d", "3", "66.67%"],
        ["any", "offer", "1", "0", "0", "1", "4d", "2", "50.00%"],
    ]
    found = told(SAMPLE, "--events", log, *asked)["outcome"]
    assert (found["accounts"], found["within_s"], found["without_offer"]) == (2, 7 * 86_400, {"open_ticket": 1})
    assert "  no offer before it: 1 open_ticket" in lines
    assert found["rows"][1] == {
        "name": "any offer",
        "accounts": 2,
        "in_time": 1,
        "too_early": 0,
        "too_late": 0,
        "never": 1,
        "had_it_before": 2,
        "median_before_s": 4 * 86_400,
        "mean_before_s": 4 * 86_400,
    }


def test_an_outcome_may_be_a_usage_event(log: Path) -> None:
    found = told(SAMPLE, "--events", log, "--outcome", "file.stored:user=maria,size_gb=1.7")["outcome"]
    assert found["accounts"] == 1


@pytest.mark.parametrize(
    "wrong", [("--outcome", "file.stored:size_gb"), ("--outcome", ":a=b"), ("--within", "a month")]
)
def test_a_wrong_option_is_told(log: Path, wrong: tuple[str, str]) -> None:
    result = rung("replay", SAMPLE, "--events", log, *wrong)
    assert result.exit_code == 2
    assert wrong[0] in result.stderr


def test_the_difference_to_another_set_is_told_with_the_reason(log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for path in SAMPLE.glob("*.yaml"):
        (other / path.name).write_text(
            path.read_text().replace("{open_ticket: 24h}, ", "").replace(", open_ticket", "")
        )
    lines = lines_of(rung("replay", other, "--events", log, "--against", SAMPLE))
    at = lines.index(f"against {SAMPLE}:")
    assert "  more_storage: 1 account in both" in lines[at:]
    assert "    only here 1 (beta); on the other side 1 open_ticket" in lines[at:]
    found = told(other, "--events", log, "--against", SAMPLE)["against"][str(SAMPLE)]
    (more,) = [offer for offer in found if offer["offer"] == "more_storage"]
    assert (more["both"], more["only_here"], more["only_there"]) == (1, ["beta"], [])
    assert (more["not_there"], more["not_here"]) == ({"open_ticket": 1}, {})


# --- what a deployment keeps ----------------------------------------------------------------------


def sample() -> Bench:
    """The sample's core, in whose hands nobody is known yet."""
    names = ("product.yaml", "storage.yaml", "teams.yaml", "photos.yaml")
    return Bench(compiled(*((SAMPLE / name).read_text() for name in names)))


def keep(kafka: KafkaSettings, decided: list[Envelope], log: list[dict[str, Any]] = LOG) -> None:
    """Topics with the log in them, and these decisions."""

    async def send() -> None:
        await create_topics(
            kafka.bootstrap_servers, kafka.topic_prefix, partitions=3, topics=(USAGE, RESPONSES, DECISIONS)
        )
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            for line in log:
                await sender.send(USAGE, decode_usage(json.dumps(line).encode()))
            for one in decided:
                await sender.send(DECISIONS, one)

    asyncio.run(send())


def test_what_a_deployment_keeps_gives_the_same_as_the_file(kafka: KafkaSettings, log: Path) -> None:
    keep(kafka, [])
    kept, from_file = told(SAMPLE), told(SAMPLE, "--events", log)
    for found in (kept, from_file):
        found["examples"].sort(key=str)
    assert kept["offers"] == from_file["offers"]
    assert kept["moments"] == from_file["moments"]
    assert kept["log"] == from_file["log"]


def test_responses_are_judged_between_the_usage_before_and_after_them(kafka: KafkaSettings, log: Path) -> None:
    (made,) = [
        one for one in told(SAMPLE, "--events", log)["examples"] if one.get("offer_id") and one["account"] == "acme"
    ]
    said = event(9, "rung.responded", "acme", 11, offer=made["offer_id"], response="dismissed")
    more = event(10, "file.stored", "acme", 12, **stored(0.01))
    keep(kafka, [], LOG[:6])

    async def send() -> None:
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            await sender.send(RESPONSES, decode_response(json.dumps(said).encode()))
            await asyncio.sleep(0.01)
            await sender.send(USAGE, decode_usage(json.dumps(more).encode()))

    assert offers(told(SAMPLE))["more_storage"]["changes_of_offer"] == {"made": 1}
    asyncio.run(send())
    found = told(SAMPLE)
    assert offers(found)["more_storage"]["changes_of_offer"] == {"dismissed": 1, "made": 1}
    assert found["set_aside"] == {}


def test_a_log_whose_beginning_is_gone_is_told_of(kafka: KafkaSettings) -> None:
    keep(kafka, [])
    assert "beginning" not in rung("replay", SAMPLE).output

    async def cut() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
        await admin.start()
        try:
            usage = USAGE.under(kafka.topic_prefix)
            ends = {TopicPartition(usage, number): RecordsToDelete(before_offset=-1) for number in range(3)}
            await admin.delete_records(ends)
        finally:
            await admin.close()

    asyncio.run(cut())
    result = rung("replay", SAMPLE)
    assert "  the log's beginning is not kept any more: accounts had done more than is counted here" in lines_of(result)
    assert told(SAMPLE)["log"]["begins_cut"]


def test_the_difference_to_what_was_decided_is_told(kafka: KafkaSettings) -> None:
    bench = sample()
    bench.use("report.exported", account="gamma", user="maria")
    bench.use("report.exported", account="delta", user="maria")
    keep(kafka, [one for one in bench.told if one.type == "rung.decided"])
    against = told(SAMPLE, "--stored")["against"]["what was decided"]
    found = {offer["offer"]: offer for offer in against}
    assert (found["report_insights"]["both"], found["report_insights"]["only_there"]) == (1, ["delta"])
    assert found["more_storage"]["only_here"] == ["acme"]


def test_without_documents_the_set_in_force_is_played(kafka: KafkaSettings) -> None:
    keep(kafka, [])
    result = rung("replay")
    assert (result.exit_code, result.stderr) == (1, "error: no set is in force: name the documents of one\n")
    assert rung("publish", SAMPLE).exit_code == 0
    assert told()["set"] == "set 0"
    assert offers(told())["more_storage"]["made_to"] == 1


@pytest.mark.usefixtures("kafka")
def test_topics_that_are_not_there_are_told() -> None:
    result = rung("replay", SAMPLE)
    assert result.exit_code == 1
    assert "run `rung topics`" in result.stderr
