from enum import StrEnum

from prometheus_client import CollectorRegistry, generate_latest

from services.kit.telemetry.metrics import LATENCY_BUCKETS_S, Metric, Unit


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_a_counter_shows_every_label_value_at_0_before_anything_happens() -> None:
    registry = CollectorRegistry()
    Metric("things", "Things seen.", labels={"colour": Colour}).counter(registry)
    shown = generate_latest(registry).decode()
    assert 'things_total{colour="red"} 0.0' in shown
    assert 'things_total{colour="blue"} 0.0' in shown


def test_a_counter_of_two_labels_shows_every_pair() -> None:
    registry = CollectorRegistry()
    Metric("pairs", "Pairs seen.", labels={"of": Colour, "with": Colour}).counter(registry)
    assert generate_latest(registry).decode().count("pairs_total{") == 4


def test_a_histogram_shows_every_label_value_before_anything_happens() -> None:
    registry = CollectorRegistry()
    Metric("took_seconds", "Time.", Unit.SECONDS, {"colour": Colour}).histogram(registry)
    assert 'took_seconds_count{colour="blue"} 0.0' in generate_latest(registry).decode()


def test_a_gauge_is_what_it_was_set_to() -> None:
    registry = CollectorRegistry()
    Metric("level", "A level.").gauge(registry).set(3)
    assert registry.get_sample_value("level") == 3


def test_buckets_have_an_edge_at_each_service_level() -> None:
    assert {0.01, 0.25, 0.3, 1.0} <= set(LATENCY_BUCKETS_S)
    assert sorted(LATENCY_BUCKETS_S) == list(LATENCY_BUCKETS_S)
