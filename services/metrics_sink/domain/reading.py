"""From a message to a row; what can not become one is unreadable, whatever the cause."""

from schemas.codec import Headers, decode_decision, decode_outcome
from schemas.outcomes import FactAccepted
from services.metrics_sink.domain.rows import DecisionRow, FactRow, OutcomeRow, decision_row, fact_row, outcome_row


def read_outcome(value: bytes | None, headers: Headers) -> OutcomeRow | FactRow:
    """Read a message of ``rung.outcomes``. Raises `UnreadableEvent`."""
    event = decode_outcome(value, headers)
    return fact_row(event) if isinstance(event, FactAccepted) else outcome_row(event)


def read_decision(value: bytes | None, headers: Headers) -> DecisionRow:
    """Read a message of ``rung.decisions``. Raises `UnreadableEvent`."""
    return decision_row(decode_decision(value, headers))
