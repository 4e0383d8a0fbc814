"""What an earlier offer came to can be a moment of its own."""

import msgspec
import pytest

from schemas.outcomes import Change
from services.trigger_engine.domain.moments.outcome import MAX_OFFERS, Judged, OutcomeState, observe
from services.trigger_engine.domain.playbook.moments import Ending, OutcomeMoment
from tests.trigger_engine.domain.building import T0, D


def judged(change: Change, *, offer: str = "ask_csm", after: int = 0, presented: bool = True, id: str = "1") -> Judged:  # noqa: A002  - as it reads
    return Judged(offer, id, change, T0, T0 + after, presented)


def fires(ending: Ending, *changes: Judged, within: int | None = 14 * D) -> list[int]:
    moment = OutcomeMoment("agreed", ending, "ask_csm", within, D)
    state, found = OutcomeState(), []
    for place, change in enumerate(changes):
        state, fired = observe(moment, state, change)
        found.extend([place] if fired else [])
    return found


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.IGNORED])
def test_it_fires_on_the_ending_it_names_and_no_other(ending: Ending) -> None:
    """S26: somebody of customer success agreed with the account, and then the offer comes."""
    assert [change.value for change in Change if fires(ending, judged(change))] == [ending.value]


def test_ignored_is_what_expired_after_it_was_seen() -> None:
    assert fires(Ending.IGNORED, judged(Change.EXPIRED)) == [0]
    assert fires(Ending.IGNORED, judged(Change.EXPIRED, presented=False)) == []
    assert fires(Ending.IGNORED, judged(Change.DISMISSED)) == []


@pytest.mark.parametrize(
    ("after", "within", "fired"),
    [
        pytest.param(14 * D, 14 * D, [0], id="just in time"),
        pytest.param(14 * D + 1, 14 * D, [], id="too late"),
        pytest.param(999 * D, None, [0], id="without a limit never too late"),
    ],
)
def test_it_counts_when_it_is_in_time(after: int, within: int | None, fired: list[int]) -> None:
    assert fires(Ending.ACCEPTED, judged(Change.ACCEPTED, after=after), within=within) == fired


def test_another_offer_is_none_of_its_business() -> None:
    assert fires(Ending.ACCEPTED, judged(Change.ACCEPTED, offer="more_storage")) == []


def test_each_offer_fires_once_and_the_next_re_arms() -> None:
    snoozed = [judged(Change.SNOOZED, id=name) for name in ("1", "1", "2", "1")]
    assert fires(Ending.SNOOZED, *snoozed) == [0, 2]


def test_the_bound_forgets_the_oldest_offer() -> None:
    moment, state = OutcomeMoment("agreed", Ending.ACCEPTED, "ask_csm", None, D), OutcomeState()
    for number in range(MAX_OFFERS + 1):
        state, _ = observe(moment, state, judged(Change.ACCEPTED, id=str(number)))
    assert (len(state.offers), state.offers[0], state.arm) == (MAX_OFFERS, "1", MAX_OFFERS + 1)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=OutcomeState) == state
