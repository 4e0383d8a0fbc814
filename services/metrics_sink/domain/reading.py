"""From a message to a row; what can not become one is unreadable, whatever the cause."""

from typing import Final

from schemas.codec import Headers, decode_decision, decode_outcome
from schemas.outcomes import FactAccepted
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.quick import read_quickly
from services.metrics_sink.domain.rows import (
    DecisionRow,
    FactRow,
    OutcomeRow,
    decision_row,
    fact_row,
    instant,
    outcome_row,
)

ERASED: Final = "rung.account_erased"
"""The fact that asks for all of an account to be deleted."""


def read_outcome(value: bytes | None, headers: Headers, offset: int) -> OutcomeRow | FactRow | Erasure:
    """Read the message of ``rung.outcomes`` at ``offset``. Raises `UnreadableEvent`."""
    row = read_quickly(value, headers)
    if row is not None:
        return row
    event = decode_outcome(value, headers)
    if not isinstance(event, FactAccepted):
        return outcome_row(event)
    if event.data.fact == ERASED:
        return Erasure(event.subject, instant("at", event.data.at), instant("time", event.time))
    return fact_row(event, offset)


def read_decision(value: bytes | None, headers: Headers, _offset: int) -> DecisionRow:
    """Read a message of ``rung.decisions``; where it stands says nothing. Raises `UnreadableEvent`."""
    return decision_row(decode_decision(value, headers))
