from __future__ import annotations

from enum import StrEnum

import pytest
from prometheus_client import CollectorRegistry

from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Reason
from schemas.outcomes import Change
from services.kit.telemetry.metrics import Metric
from services.metrics_sink import metrics
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.funnel import FunnelStage
from services.metrics_sink.domain.rows import decision_row, outcome_row
from services.metrics_sink.metrics import Log, SinkMetrics
from tests.metrics_sink.events import AT, decided, judged

ENTRIES = [entry for entry in vars(metrics).values() if isinstance(entry, Metric)]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_metric_says_what_it_means_and_its_labels_are_closed(entry: Metric) -> None:
    assert entry.name.startswith("rung_sink_")
    assert entry.meaning.endswith(".")
    assert all(issubclass(values, StrEnum) for values in entry.labels.values())


def test_every_metric_of_the_registry_is_filled(registry: CollectorRegistry) -> None:
    SinkMetrics(registry)
    assert {family.name for family in registry.collect()} == {entry.name for entry in ENTRIES}


def test_held_out_offers_are_not_among_those_that_were_shown(registry: CollectorRegistry) -> None:
    sink = SinkMetrics(registry)
    rows = [outcome_row(judged("o", 1, Change.MADE, held_out=held_out)) for held_out in (False, True, True)]
    sink.outcomes_folded(OutcomeBatch(tuple(rows), erased=(Erasure("acme", AT, AT),), refused=4))
    assert registry.get_sample_value("rung_sink_outcomes_total", {"change": "made"}) == 1
    assert registry.get_sample_value("rung_sink_held_out_total") == 2
    assert registry.get_sample_value("rung_sink_facts_total") == 1
    assert registry.get_sample_value("rung_sink_erased_rows_total", {"log": "outcomes"}) == 4


def test_only_a_decision_that_offered_nothing_has_a_reason(registry: CollectorRegistry) -> None:
    sink = SinkMetrics(registry)
    sink.decisions_folded(DecisionBatch((decision_row(decided("1")), decision_row(decided("2", Reason.CAPPED)))))
    assert registry.get_sample_value("rung_sink_decisions_total", {"verdict": "offered"}) == 1
    assert registry.get_sample_value("rung_sink_withheld_total", {"reason": "capped"}) == 1
    assert registry.get_sample_value("rung_sink_withheld_total", {"reason": "owned"}) == 0


def test_what_happens_to_one_log_is_not_said_of_the_other(registry: CollectorRegistry) -> None:
    sink = SinkMetrics(registry)
    outcomes, _ = sink.of(Log.OUTCOMES), sink.of(Log.DECISIONS)
    outcomes.paused(paused=True)
    outcomes.applied(3, 0.5, 2.0)
    outcomes.applied(0, 0.5, 0.0)  # aborted records were passed: no transaction worth a sample
    sink.lagging(Log.OUTCOMES, 7)
    sink.dead_lettered(Log.OUTCOMES, DeadLetterReason.INVALID)
    sink.funnel_is({FunnelStage.MADE: 4})

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert (value("rung_sink_paused", log="outcomes"), value("rung_sink_paused", log="decisions")) == (1, 0)
    assert value("rung_sink_apply_seconds_count", log="outcomes") == 1
    assert value("rung_sink_apply_seconds_count", log="decisions") == 0
    assert value("rung_sink_lag_records", log="outcomes") == 7
    assert value("rung_sink_dead_letters_total", log="outcomes", reason="invalid") == 1
    assert value("rung_sink_dead_letters_total", log="decisions", reason="invalid") == 0
    assert value("rung_sink_offers", stage="made") == 4
