"""What operators are told of decisions: models of their own, so that the wire between services can change apart."""

from datetime import datetime

from pydantic import ConfigDict

from schemas.usage import Number
from services.offer_api.domain.state import State
from services.offer_api.web.models import EvidenceOut, Out


class Of(Out):
    """Made of what the wire says, field by field; what is not named here is not told."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class MomentOut(EvidenceOut):
    """What fired, and by what."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class CandidateOut(Of):
    """One offer that a moment put forward, and where it ended; ``reason`` is absent for one that was made.

    ``until``: when the reason passes, where that is known. ``factors`` are those of the score, by name.
    """

    offer: str
    moment: str
    target: str | None = None
    stage: str
    reason: str | None = None
    detail: str | None = None
    until: datetime | None = None
    score: Number | None = None
    factors: dict[str, Number]


class DecisionOut(Of):
    """What was decided at a moment, also when nothing was offered, and what the decision knew.

    ``held`` are moments that will be decided again once their reason has passed, ``given_up`` those that will not.
    """

    decision_id: str
    verdict: str
    reason: str | None = None
    at: datetime
    version: int
    moments: tuple[MomentOut, ...]
    user: str | None = None
    candidates: tuple[CandidateOut, ...]
    offer_id: str | None = None
    account: dict[str, str | int | bool | list[str] | None]
    meters: dict[str, Number]
    levels: dict[str, str]
    segments: tuple[str, ...]
    attempt: int
    held: tuple[str, ...]
    given_up: tuple[str, ...]


class DecisionsOut(Out):
    """Decisions, newest first. ``next``: ask for those before it; absent when there are no more."""

    decisions: tuple[DecisionOut, ...]
    next: int | None = None


class WhyOut(Out):
    """One offer that was made, and the decision that made it as it is; absent when that is no longer kept."""

    id: str
    offer: str
    state: State
    decision: DecisionOut | None = None


class WhyAllOut(Out):
    """Offers of the account, and why it has them."""

    offers: tuple[WhyOut, ...]


class WhyNotOut(Out):
    """One time that the offer competed and was not made. ``held``: its moment will be decided again."""

    decision_id: str
    at: datetime
    verdict: str
    version: int
    attempt: int
    held: bool
    candidates: tuple[CandidateOut, ...]


class WhyNotAllOut(Out):
    """Why an offer was not made, the newest first; none when it did not compete in what is kept."""

    offer: str
    withheld: tuple[WhyNotOut, ...]
