from __future__ import annotations

from prometheus_client import CollectorRegistry

from services.trigger_engine.metrics import EngineMetrics


def test_a_commit_tells_how_far_its_usage_lies_behind_the_clock() -> None:
    registry = CollectorRegistry()
    metrics = EngineMetrics(registry)
    metrics.committed(0.01, stream_time_us=100_000_000, now_us=103_500_000)
    assert registry.get_sample_value("rung_engine_commit_seconds_count") == 1
    assert registry.get_sample_value("rung_engine_stream_delay_seconds_sum") == 3.5


def test_before_any_usage_there_is_no_delay_and_an_event_ahead_of_the_clock_has_none() -> None:
    registry = CollectorRegistry()
    metrics = EngineMetrics(registry)
    metrics.committed(0.01, stream_time_us=0, now_us=103_500_000)
    assert registry.get_sample_value("rung_engine_stream_delay_seconds_count") == 0
    metrics.committed(0.01, stream_time_us=104_000_000, now_us=103_500_000)
    assert registry.get_sample_value("rung_engine_stream_delay_seconds_sum") == 0
    assert registry.get_sample_value("rung_engine_stream_delay_seconds_count") == 1
