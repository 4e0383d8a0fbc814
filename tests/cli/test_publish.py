"""On a real broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.codec import decode_playbook
from schemas.playbooks import SetPublished, SourceFile, WholeSet
from schemas.topics import FLOW, PLAYBOOKS
from services.cli import history
from services.kit.clock import SystemClock, to_datetime
from services.kit.kafka.admin import check_topics
from services.kit.kafka.sender import Sender
from services.trigger_engine.domain.instants import FIRST_US
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.cli.running import records_of, rung

if TYPE_CHECKING:
    import pytest

    from services.kit.kafka.reader import Record
    from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"


def the_set(record: Record) -> WholeSet:
    data = decode_playbook(record.value, record.headers).data
    assert isinstance(data, WholeSet)
    return data


def published(kafka: KafkaSettings) -> list[Record]:
    return records_of(kafka.bootstrap_servers, PLAYBOOKS.under(kafka.topic_prefix)).get(0, [])


def test_the_first_set_is_number_0_and_its_topics_are_made(kafka: KafkaSettings) -> None:
    result = rung("publish", SAMPLE, "--why", "a first try", "--by", "maria")
    assert result.output == "set 0 published: product files, 13 moments, 13 offers\n"
    asyncio.run(check_topics(kafka.bootstrap_servers, kafka.topic_prefix, FLOW))
    (record,) = published(kafka)
    assert record.key == b"files"
    assert decode_playbook(record.value, record.headers).subject == "files"
    whole = the_set(record)
    assert (whole.by, whole.why, whole.expects) == ("maria", "a first try", None)


def test_what_was_published_compiles_under_names_that_hold_on_every_machine(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE.resolve())
    (record,) = published(kafka)
    files = the_set(record).files
    assert [file.path for file in files] == ["photos.yaml", "product.yaml", "storage.yaml", "teams.yaml"]
    assert compile_set([(file.path, file.text) for file in files], 0).product.name == "files"


def test_a_set_expects_the_one_before_it(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE)
    assert rung("publish", changed).output.startswith("set 1 published")
    assert rung("publish", SAMPLE).output.startswith("set 2 published")
    expected = [the_set(record).expects for record in published(kafka)]
    assert expected == [None, 0, 1]


def test_the_same_text_again_publishes_nothing(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    again = rung("publish", SAMPLE)
    assert (again.exit_code, again.output) == (0, "set 0 is this already: nothing to publish\n")
    assert len(published(kafka)) == 1


def test_a_first_set_is_published_only_when_none_is_in_force(kafka: KafkaSettings, changed: Path) -> None:
    assert rung("publish", "--first", SAMPLE).output.startswith("set 0 published")
    again = rung("publish", "--first", changed)
    assert (again.exit_code, again.output) == (0, "set 0 is in force: nothing to publish\n")
    assert len(published(kafka)) == 1


def test_for_a_backfill_the_set_counts_as_published_before_the_log_began(kafka: KafkaSettings) -> None:
    rung("publish", SAMPLE)
    again = rung("publish", "--backfill", SAMPLE)
    assert again.output.startswith("set 1 published"), "the text is in force, but not since before all time"
    assert [the_set(record).backfill for record in published(kafka)] == [False, True]
    force = asyncio.run(history.read(kafka)).in_force
    assert force is not None
    assert {force.rules.since(key) for key in force.rules.meter_keys} == {FIRST_US}


def test_documents_with_a_problem_are_not_published(kafka: KafkaSettings, changed: Path) -> None:
    (changed / "storage.yaml").write_text("playbook: storage\nmomens: {}\n")
    result = rung("publish", changed)
    assert result.exit_code == 1
    assert "did you mean 'moments'?" in result.stderr
    assert published(kafka) == []


def test_a_record_that_expected_another_set_is_not_the_one_in_force(kafka: KafkaSettings, changed: Path) -> None:
    rung("publish", SAMPLE)
    rung("publish", changed)
    late = SetPublished(
        id="late",
        source="test",
        subject="files",
        time=to_datetime(SystemClock().now_us()),
        data=WholeSet(files=(SourceFile(path="product.yaml", text="product: files"),), expects=0),
    )

    async def send_late() -> int | None:
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, "test") as sender:
            assert (await sender.send(PLAYBOOKS, late)).offset == 2
        force = (await history.read(kafka)).in_force
        return force.rules.version if force is not None else None

    assert asyncio.run(send_late()) == 1
    assert rung("publish", SAMPLE).output.startswith("set 3 published")
    assert the_set(published(kafka)[3]).expects == 1


def test_a_set_that_is_too_large_is_told(kafka: KafkaSettings, changed: Path) -> None:
    product = changed / "product.yaml"
    product.write_text(product.read_text() + "# more than a message may hold\n" * 150_000)
    result = rung("publish", changed)
    assert result.exit_code == 1
    assert result.stderr == "error: the documents are larger than 4194304 bytes together\n"
    assert published(kafka) == []


def test_without_kafka_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv("RUNG_HOME", str(tmp_path))
    result = rung("publish", SAMPLE)
    assert result.exit_code == 1
    assert result.stderr == "error: no Kafka: set KAFKA_BOOTSTRAP_SERVERS, or start one with `rung up`\n"


def test_a_kafka_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    result = rung("publish", SAMPLE)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: Kafka does not answer at 127.0.0.1:1")
