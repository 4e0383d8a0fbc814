from datetime import timedelta

import pytest

from schemas.codec import UnreadableEvent
from schemas.outcomes import Change
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.reading import read_decision, read_outcome
from services.metrics_sink.domain.rows import DecisionRow, FactRow, OutcomeRow
from tests.metrics_sink.events import AT, decided, erased, fact, judged, value

LATER = AT + timedelta(minutes=10)


def test_each_message_becomes_the_row_of_its_kind() -> None:
    assert isinstance(read_outcome(value(judged("o", 1, Change.MADE)), (), 0), OutcomeRow)
    assert isinstance(read_outcome(value(fact("f", plan="team", seats=3)), (), 7), FactRow)
    assert read_outcome(value(erased("gone", AT, LATER)), (), 0) == Erasure("gone", AT, LATER)
    assert isinstance(read_decision(value(decided("d")), (), 0), DecisionRow)


@pytest.mark.parametrize("message", [None, b"", b"{}", b"not json", value(decided("d"))])
def test_what_is_no_outcome_is_unreadable(message: bytes | None) -> None:
    with pytest.raises(UnreadableEvent):
        read_outcome(message, (), 0)


@pytest.mark.parametrize("message", [None, b"{}", value(fact("f"))])
def test_what_is_no_decision_is_unreadable(message: bytes | None) -> None:
    with pytest.raises(UnreadableEvent):
        read_decision(message, (), 0)
