"""What a decision is made of: what caused it, and each offer that competes in it."""

from decimal import Decimal

from msgspec import Struct

from schemas.decisions import Reason, Stage
from services.trigger_engine.domain.inputs import Origin
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.offers import OfferDefinition


class Cause(Struct, frozen=True):
    """The input that led to a decision."""

    origin: Origin
    event_id: str | None = None
    event_type: str | None = None
    event_time: int | None = None


class Withheld(Struct, frozen=True):
    """Why an offer is not made, in a word and in words."""

    reason: Reason
    detail: str | None = None


class Candidate(Struct):
    """One offer put forward by one moment, and how far it came.

    ``target``: plan or product it is about, once known. ``stage``: the last stage that looked at it.
    """

    offer: OfferDefinition
    passed: Passed
    target: str | None = None
    stage: Stage = Stage.ELIGIBLE
    withheld: Withheld | None = None
    score: Decimal | None = None
