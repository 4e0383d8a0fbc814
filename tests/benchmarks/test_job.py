"""The measured job is what the table says it is."""

from __future__ import annotations

import itertools
import json
import statistics
from collections import Counter

from benchmarks import job
from schemas.codec import decode_usage
from services.kit.kafka.partitioning import partition_of
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set

MARCH = 1_772_366_400_000_000  # 2026-03-01T12:00:00Z


def compiled(offers: int = 20) -> CompiledSet:
    return compile_set([(file.path, file.text) for file in job.files(offers)], 0)


def test_the_set_has_twenty_moments_and_each_event_is_watched_by_five() -> None:
    rules = compiled()
    assert len(rules.moments) == 20
    for kind in job.KINDS:
        meters = rules.feeds[kind.event].meters
        assert len(meters) == 2
        assert sum(len(watched.moments) for watched in meters) == 5


def test_every_moment_is_somebodys_however_many_offers_there_are() -> None:
    for many in (4, 20, 200, 1_000):
        offers = compiled(many).offers
        assert all(offers[moment] for moment in job.moments())
        assert len({offer.name for made in offers.values() for offer in made}) == many


def test_an_event_has_twelve_fields_and_about_245_bytes() -> None:
    found = list(job.messages(2_000, job.Accounts(100), MARCH))
    assert all(message.value.count(b'":') == 12 for message in found)
    assert 235 <= statistics.mean(len(message.value) for message in found) <= 250


def test_every_event_keeps_the_contract_and_lies_where_its_account_does() -> None:
    for message in job.messages(50, job.Accounts(10), MARCH):
        event = decode_usage(message.value, ())
        assert message.key == event.subject.encode()
        assert message.partition == partition_of(event.subject, job.PARTITIONS)


def test_no_partition_runs_dry_before_the_others() -> None:
    for many in (100, 2_000):
        partitions = Counter(message.partition for message in job.messages(many * 40, job.Accounts(many), MARCH))
        assert partitions == dict.fromkeys(range(job.PARTITIONS), many * 40 // job.PARTITIONS)


def test_accounts_and_types_take_turns_and_no_id_stands_twice() -> None:
    bodies = [json.loads(message.value) for message in job.messages(4_000, job.Accounts(1_000), MARCH)]
    pairs = {(body["subject"], body["type"]) for body in bodies}
    assert len(pairs) == 4_000
    assert len({body["id"] for body in bodies}) == 4_000


def test_big_events_are_of_many_accounts() -> None:
    found = job.messages(job.BIG_EVERY * 40, job.Accounts(100), MARCH)
    big = {
        json.loads(message.value)["subject"]
        for message in itertools.islice(found, job.BIG_EVERY - 1, None, job.BIG_EVERY)
    }
    assert len(big) > 30
