"""The registry of topics: each name once, each partner known."""

import pytest

from schemas.topics import FLOW, Topic

KNOWN = {"trigger_engine", "offer_api", "metrics_sink", "cli", "oracle", "operators", "backend services"}

each_topic = pytest.mark.parametrize("topic", FLOW, ids=lambda topic: topic.name)


def test_no_name_stands_twice() -> None:
    assert len({topic.name for topic in FLOW}) == len(FLOW)


def test_a_deployment_has_its_own_names() -> None:
    assert [topic.under("shop") for topic in FLOW][1] == "shop.usage"


@each_topic
def test_a_topic_has_someone_who_writes_it_and_someone_who_reads_it(topic: Topic) -> None:
    assert topic.producers
    assert topic.consumers
    assert {*topic.producers, *topic.consumers} <= KNOWN


@each_topic
def test_a_compacted_topic_is_kept_for_ever(topic: Topic) -> None:
    assert not topic.compacted or topic.retention_ms < 0


@each_topic
def test_a_topic_is_per_account_unless_it_holds_the_set(topic: Topic) -> None:
    assert topic.per_account is (topic.name != "playbooks")
