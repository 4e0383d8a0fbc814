"""On a real broker."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.codec import decode_usage
from schemas.facts import PlanChanged
from schemas.topics import USAGE
from schemas.usage import UsageEvent
from services.kit.kafka.admin import create_topics
from services.kit.kafka.partitioning import partition_of
from services.kit.settings import KafkaSettings
from tests.cli.running import records_of, rung

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.facts import Fact
    from services.kit.kafka.reader import Record

PARTITIONS = 5


@pytest.fixture
def kafka(kafka_bootstrap: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_bootstrap)
    monkeypatch.setenv("RUNG_TOPIC_PREFIX", topic_prefix)
    asyncio.run(create_topics(kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=(USAGE,)))
    return KafkaSettings()


def sent(kafka: KafkaSettings) -> list[Record]:
    found = records_of(kafka.bootstrap_servers, USAGE.under(kafka.topic_prefix))
    return [record for partition in sorted(found) for record in found[partition]]


def the_event(kafka: KafkaSettings) -> UsageEvent | Fact:
    (record,) = sent(kafka)
    return decode_usage(record.value, record.headers)


def line(number: int, account: str = "acme", **more: object) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": "test",
            "type": "file.stored",
            "subject": account,
            "time": "2026-03-01T09:00:00Z",
            **more,
        }
    )


def test_a_usage_event_says_what_was_written(kafka: KafkaSettings) -> None:
    words = ("--user", "maria", "--quantity", "2", "--property", "size_gb=1.70", "--property", "format=pdf")
    result = rung("emit", "file.stored", "--account", "acme", *words, "--id", "e-1")
    event = the_event(kafka)
    assert isinstance(event, UsageEvent)
    assert (event.type, event.subject, event.id, event.data.user) == ("file.stored", "acme", "e-1", "maria")
    assert event.data.quantity == Decimal(2)
    assert event.data.properties == {"size_gb": Decimal("1.70"), "format": "pdf"}
    partition = partition_of("acme", PARTITIONS)
    assert result.output == f"{USAGE.under(kafka.topic_prefix)}[{partition}] at 0: file.stored e-1\n"


def test_it_lies_in_the_partition_of_its_account_under_its_key(kafka: KafkaSettings) -> None:
    for account in ("acme", "globex", "initech", "hooli"):
        rung("emit", "file.stored", "--account", account)
    assert {record.key.decode(): record.partition for record in sent(kafka) if record.key} == {
        account: partition_of(account, PARTITIONS) for account in ("acme", "globex", "initech", "hooli")
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("1.7", Decimal("1.7"), id="a number"),
        pytest.param("-3", Decimal(-3), id="below 0"),
        pytest.param("0.12345678901234567890123456789", Decimal("0.12345678901234567890123456789"), id="every digit"),
        pytest.param("true", True, id="a flag"),
        pytest.param("null", None, id="nothing known"),
        pytest.param("pdf", "pdf", id="text"),
        pytest.param("", "", id="empty text"),
        pytest.param("007", "007", id="text that begins as a number"),
        pytest.param('"7"', "7", id="text in quotes"),
        pytest.param('"a" and "b"', '"a" and "b"', id="text with quotes"),
        pytest.param("a=b", "a=b", id="text with an equals sign"),
    ],
)
def test_a_property_is_a_number_a_flag_or_text(kafka: KafkaSettings, written: str, read: object) -> None:
    assert rung("emit", "file.stored", "--account", "acme", "--property", f"x={written}").exit_code == 0
    event = the_event(kafka)
    assert isinstance(event, UsageEvent)
    assert event.data.properties == {"x": read}


def test_a_fact_has_the_data_that_is_given(kafka: KafkaSettings) -> None:
    rung("emit", "rung.plan_changed", "--account", "acme", "--fact-data", '{"plan": "plus", "price": 9.60}')
    event = the_event(kafka)
    assert isinstance(event, PlanChanged)
    assert (event.data.plan, event.data.price) == ("plus", Decimal("9.60"))


def test_the_time_is_kept(kafka: KafkaSettings) -> None:
    rung("emit", "file.stored", "--account", "acme", "--time", "2026-03-01T09:00:00.5+02:00")
    assert the_event(kafka).time.isoformat() == "2026-03-01T09:00:00.500000+02:00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("file.stored", "--account", "acme", "--quantity", "many"), "data.quantity", id="quantity"),
        pytest.param(("file.stored", "--account", "acme", "--time", "yesterday"), "RFC 3339", id="time"),
        pytest.param(("file.stored", "--account", "acme", "--property", "x"), "must read name=value", id="property"),
        pytest.param(
            ("file.stored", "--account", "acme", "--property", "x=1", "--property", "x=2"), "given twice", id="twice"
        ),
        pytest.param(("rung.plan_change", "--account", "acme"), "is reserved", id="no such fact"),
        pytest.param(("rung.plan_changed", "--account", "acme"), "data", id="a fact without its data"),
        pytest.param(
            ("rung.plan_changed", "--account", "acme", "--fact-data", '{"plan": "plus", "seat": 3}'),
            "data.seat",
            id="a typo in a fact",
        ),
        pytest.param(("rung.plan_changed", "--account", "acme", "--fact-data", "{plan"), "not JSON", id="no JSON"),
        pytest.param(("rung.plan_changed", "--account", "acme", "--fact-data", "[]"), "JSON object", id="a list"),
        pytest.param(
            ("rung.plan_changed", "--account", "acme", "--fact-data", "{}", "--user", "maria"),
            "the whole data",
            id="both kinds of data",
        ),
        pytest.param(("file.stored", "--account", "a" * 257), "subject", id="too long an account"),
        pytest.param(("file.stored",), "--account is needed", id="no account"),
        pytest.param((), "TYPE, or --file", id="neither type nor file"),
    ],
)
def test_a_wrong_event_is_told_and_not_sent(kafka: KafkaSettings, words: tuple[str, ...], told: str) -> None:
    result = rung("emit", *words)
    assert result.exit_code == 1
    assert told in result.stderr
    assert sent(kafka) == []


def test_a_file_is_sent_in_its_order(kafka: KafkaSettings, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(line(number) for number in range(2_000)) + "\n\n")
    result = rung("emit", "--file", file)
    assert result.output == "2000 events sent\n"
    ids = [decode_usage(record.value, record.headers).id for record in sent(kafka)]
    assert ids == [f"e-{number}" for number in range(2_000)]


def test_standard_input_is_a_file(kafka: KafkaSettings) -> None:
    assert rung("emit", "--file", "-", stdin=f"{line(1)}\n{line(2)}\n").output == "2 events sent\n"
    assert len(sent(kafka)) == 2


def test_a_file_with_a_wrong_line_is_not_sent_at_all(kafka: KafkaSettings) -> None:
    result = rung("emit", "--file", "-", stdin=f'{line(1)}\n{{"specversion"\n{line(3, quantity=1.5)}\n')
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert told[0] == "error: nothing was sent:"
    assert [text.partition(":")[0] for text in told[1:]] == ["line 2", "line 3"]
    assert sent(kafka) == []


def test_an_account_of_the_probe_is_nobodys_to_speak_of(kafka: KafkaSettings) -> None:
    done = rung("emit", "probe.asked", "--account", "rung-probe:main:1", "--user", "maria")
    assert done.exit_code == 1
    assert "reserved for the probe" in done.output
    assert sent(kafka) == []
