"""`python -m tests.metrics_sink.older_sink`: a sink from before offers could be snoozed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.codec import UnreadableEvent
from schemas.dead_letters import DeadLetterReason
from schemas.outcomes import Change
from services.metrics_sink import __main__, wiring
from services.metrics_sink.domain.reading import read_outcome
from services.metrics_sink.domain.rows import OutcomeRow

if TYPE_CHECKING:
    from schemas.codec import Headers
    from services.metrics_sink.domain.erasure import Erasure
    from services.metrics_sink.domain.rows import FactRow

THEN_UNKNOWN = Change.SNOOZED


def read_outcome_of_then(value: bytes | None, headers: Headers, offset: int) -> OutcomeRow | FactRow | Erasure:
    """As `read_outcome` was."""
    row = read_outcome(value, headers, offset)
    if isinstance(row, OutcomeRow) and row.change == THEN_UNKNOWN.value:
        raise UnreadableEvent(DeadLetterReason.INVALID, f"data.change: {THEN_UNKNOWN.value!r} is not known")
    return row


if __name__ == "__main__":
    vars(wiring).update(read_outcome=read_outcome_of_then)
    __main__.main()
