"""`rung versions`, `rollback`, `pause` and `resume`, on a real broker."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas.codec import decode_playbook
from schemas.playbooks import OfferPaused, OfferResumed, SetRolledBack, Switch
from schemas.topics import PLAYBOOKS
from services.cli import history
from services.cli.publishing import Overtaken, Publisher, Words
from services.kit.clock import SystemClock, to_datetime
from services.kit.kafka.sender import Sender
from tests.cli.running import records_of, rung

if TYPE_CHECKING:
    from schemas.playbooks import PlaybookEvent
    from services.cli.history import History
    from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def lying(kafka: KafkaSettings) -> list[PlaybookEvent]:
    """All that lies on the log of sets."""
    records = records_of(kafka.bootstrap_servers, PLAYBOOKS.under(kafka.topic_prefix)).get(0, [])
    return [decode_playbook(record.value, record.headers) for record in records]


def looked(kafka: KafkaSettings) -> History:
    return asyncio.run(history.read(kafka))


def paused(kafka: KafkaSettings) -> frozenset[str]:
    force = looked(kafka).in_force
    assert force is not None
    return force.rules.paused


def listed(*words: object) -> list[str]:
    """What `rung versions` prints, without the times."""
    return TIME.sub("TIME", rung("versions", *words).output).splitlines()


def json_of(*words: object) -> Any:
    return json.loads(rung(*words, "--json").stdout)


async def put(kafka: KafkaSettings, event: PlaybookEvent) -> None:
    async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
        await sender.send(PLAYBOOKS, event)


def test_an_offer_is_paused_and_goes_on(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    result = rung("pause", "more_storage", "--why", "complaints", "--by", "tom")
    assert (result.exit_code, result.output) == (0, "set 1: more_storage is paused\n")
    assert paused(kafka) == {"more_storage"}
    assert rung("resume", "more_storage").output == "set 2: more_storage goes on\n"
    assert paused(kafka) == frozenset()
    _, stopped, resumed = lying(kafka)
    assert isinstance(stopped, OfferPaused)
    assert isinstance(resumed, OfferResumed)
    assert (stopped.subject, stopped.data) == ("files", Switch(offer="more_storage", by="tom", why="complaints"))


def test_what_is_so_already_takes_no_record(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    assert rung("resume", "sign_more").output == "sign_more is not paused: nothing to do\n"
    rung("pause", "sign_more", "--why", "x")
    assert rung("pause", "sign_more", "--why", "y").output == "sign_more is paused already: nothing to do\n"
    assert len(lying(kafka)) == 2


def test_an_offer_is_not_paused_without_saying_why(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    result = rung("pause", "sign_more")
    assert result.exit_code == 2
    assert "--why" in result.stderr
    assert len(lying(kafka)) == 1


@pytest.mark.parametrize("words", [("pause", "more_storge", "--why", "x"), ("resume", "more_storge")])
def test_an_offer_that_is_not_there_is_told_with_what_may_have_been_meant(
    kafka: KafkaSettings, words: tuple[str, ...]
) -> None:
    rung("publish", SAMPLE)
    result = rung(*words)
    assert result.exit_code == 1
    assert result.stderr == "error: set 0 has no offer 'more_storge': did you mean 'more_storage'?\n"
    assert len(lying(kafka)) == 1


@pytest.mark.usefixtures("kafka")
def test_an_offer_that_resembles_none_is_told_with_all_there_are() -> None:
    rung("publish", SAMPLE)
    told = rung("pause", "xyz", "--why", "x").stderr
    assert told.startswith("error: set 0 has no offer 'xyz'; it has ")
    assert ", more_storage, extra_terabyte, more_transfer, " in told


@pytest.mark.usefixtures("kafka")
@pytest.mark.parametrize("words", [("pause", "more", "--why", "x"), ("resume", "more"), ("rollback", "0")])
def test_before_the_first_set_there_is_nothing_to_change(words: tuple[str, ...]) -> None:
    result = rung(*words)
    assert result.exit_code == 1
    assert result.stderr == "error: no set is in force: put one in force with `rung publish`\n"
    assert rung("versions").output == "no set is in force: put one in force with `rung publish`\n"


def test_an_older_set_takes_effect_again_under_a_new_version(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE)
    rung("publish", changed)
    result = rung("rollback", "0", "--why", "too eager", "--by", "maria")
    assert (result.exit_code, result.output) == (0, "set 2: set 0 is in force again\n")
    first, _, back = lying(kafka)
    assert isinstance(back, SetRolledBack)
    assert back.data.files == first.data.files  # type: ignore[union-attr]  # it is a whole set
    assert (back.data.to, back.data.expects, back.data.by, back.data.why) == (0, 1, "maria", "too eager")
    assert rung("publish", SAMPLE).output == "set 2 is this already: nothing to publish\n"


def test_what_is_paused_stays_so_through_a_rollback(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE)
    rung("publish", changed)
    rung("pause", "sign_more", "--why", "x")
    rung("rollback", "0")
    assert paused(kafka) == {"sign_more"}


@pytest.mark.usefixtures("kafka")
def test_the_version_of_a_pause_names_the_set_that_was_in_force_then(changed: Path) -> None:
    rung("publish", SAMPLE)
    rung("pause", "sign_more", "--why", "x")
    rung("publish", changed)
    assert rung("rollback", "1").output == "set 3: set 1 is in force again\n"
    assert rung("rollback", "0").output == "in force is what was at 0: nothing to do\n"


def test_a_version_that_is_not_there_is_told(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    result = rung("rollback", "7")
    assert result.exit_code == 1
    assert result.stderr == "error: can not roll back to 7: there is no such version; `rung versions` lists all\n"
    assert len(lying(kafka)) == 1


def test_a_version_that_was_refused_is_nothing_to_roll_back_to(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    asyncio.run(put(kafka, unknown_paused()))
    assert "as it was refused: no offer 'gone'" in rung("rollback", "1").stderr


def unknown_paused() -> OfferPaused:
    """Word to stop an offer that no set has."""
    time = to_datetime(SystemClock().now_us())
    return OfferPaused(id="p-1", source="test", subject="files", time=time, data=Switch(offer="gone"))


def test_a_record_that_the_engine_refuses_is_no_predecessor(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE)
    asyncio.run(put(kafka, unknown_paused()))
    assert rung("publish", changed).output.startswith("set 2 published")
    (_, _, last) = lying(kafka)
    assert last.data.expects == 0  # type: ignore[union-attr]  # it is a whole set


def test_who_was_overtaken_is_told_so(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE)
    rung("publish", changed)
    before = looked(kafka)
    rung("pause", "sign_more", "--why", "x")
    late = Publisher(kafka, SystemClock(), Words(), before)
    with pytest.raises(Overtaken, match="record 3 is refused: expects set 1 before it, and set 2 is in force"):
        asyncio.run(late.roll_back(0))
    force = looked(kafka).in_force
    assert force is not None
    assert force.rules.version == 2


def test_versions_say_when_what_by_whom_and_why(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE, "--by", "maria", "--why", "a first try")
    rung("pause", "sign_more", "--why", "complaints")
    asyncio.run(put(kafka, unknown_paused()))
    rung("publish", changed)
    rung("rollback", "0", "--by", "tom")
    assert listed() == [
        "     0  TIME  published, by maria: a first try",
        "     1  TIME  paused sign_more: complaints",
        "     2  TIME  paused gone  refused: no offer 'gone', and set 1 is in force",
        "     3  TIME  published",
        "*    4  TIME  rolled back to 0, by tom",
        "in force: set 4 of product files; paused: sign_more",
    ]
    assert listed("--last", 1)[0] == "*    4  TIME  rolled back to 0, by tom"


def test_the_star_is_beside_what_is_in_force_and_not_what_came_last(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    asyncio.run(put(kafka, unknown_paused()))
    assert [line[0] for line in listed()[:2]] == ["*", " "]


def test_a_record_that_can_not_be_read_is_listed(kafka: KafkaSettings) -> None:
    async def put_rubbish() -> None:
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            await sender.send_raw(PLAYBOOKS, "files", b"{")

    rung("publish", SAMPLE)
    asyncio.run(put_rubbish())
    assert listed()[1].startswith("     1  refused: ")
    assert listed()[2] == "in force: set 0 of product files; paused: none"


@pytest.mark.usefixtures("kafka")
def test_a_program_gets_the_same() -> None:
    rung("publish", SAMPLE, "--by", "maria")
    assert json_of("pause", "sign_more", "--why", "complaints") == {"version": 1, "changed": True}
    assert json_of("pause", "sign_more", "--why", "complaints") == {"version": 1, "changed": False}
    told = json_of("versions")
    assert (told["in_force"], told["paused"]) == (1, ["sign_more"])
    first, second = told["versions"]
    assert (first["type"], first["by"], first["refused"]) == ("rung.set_published", "maria", None)
    assert (second["version"], second["offer"], second["why"]) == (1, "sign_more", "complaints")


def test_a_kafka_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    result = rung("versions")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: Kafka does not answer at 127.0.0.1:1")
    assert len(result.stderr.splitlines()) == 1
