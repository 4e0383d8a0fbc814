"""What a decision is made of: what caused it, and each offer that competes in it."""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from schemas.decisions import Reason, Stage
from schemas.offers import Option
from services.trigger_engine.domain.account import OpenOffer
from services.trigger_engine.domain.inputs import Origin
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.alike import Alike
from services.trigger_engine.domain.playbook.offers import OfferDefinition

ONE = Decimal(1)


class Cause(Struct, frozen=True):
    """The input that led to a decision; ``alone``: time has passed, and nothing else has come of that."""

    origin: Origin
    event_id: str | None = None
    event_type: str | None = None
    event_time: int | None = None
    alone: bool = False


class Withheld(Struct, frozen=True):
    """Why an offer is not made, in a word and in words; ``target`` is what it would have been about, once known.

    ``until``: when that passes, if it is known; ``again``: when to look again though nothing happens; both in
    microseconds since 1970 UTC. ``waits_for``: the meters whose counting could end it.
    """

    reason: Reason
    detail: str | None = None
    target: str | None = None
    until: int | None = None
    again: int | None = None
    waits_for: tuple[str, ...] = ()


class Sort(StrEnum):
    """What sort of sale it is: more of what the account has, or something beside it."""

    UPSELL = "upsell"
    CROSS_SELL = "cross_sell"


class About(NamedTuple):
    """What an offer would put before the account.

    - ``target``: id of what it is about; ``show`` makes all that could be chosen, as few candidates win
    - ``increase``: what it adds to all that is paid a month, at present seats, any term as months; ``present``: what is
      paid now, for plan and products; each None where a price of it is not known
    - ``strength``: how strongly it goes with what the account has; ``sort``: None where it is no sale, or of both sorts
    """

    target: str
    show: Callable[[], tuple[Option, ...]] = tuple
    present: Decimal | None = None
    increase: Decimal | None = None
    strength: Decimal = ONE
    sort: Sort | None = None


NOTHING: Final = About("")
"""What an offer is about as long as nobody has looked."""


class Worth(NamedTuple):
    """The score of an offer, and what it is made of, by name."""

    score: Decimal
    factors: dict[str, Decimal]


class Fine(Enum):
    """A stage that has nothing to say of an offer."""

    FINE = "fine"


FINE: Final = Fine.FINE

Found = Withheld | About | Worth | Fine
"""What a stage finds out."""


class Shared(Struct):
    """What was found out for one of the offers of a moment and holds for others that are `Alike` in it, by its number.

    Beside that: what holds for all of them; by the name of an offer, its lower step that is open; and the open offers
    that somebody may see.
    """

    known: dict[int, Found] = {}
    for_all: dict[str, Withheld | None] = {}
    lower: dict[str, OpenOffer] = {}
    shown: list[OpenOffer] = []


class Candidate(Struct):
    """One offer put forward by one moment, and how far it came. ``stage``: the last stage that looked at it.

    What it is ``about`` is known once it is eligible, what it is ``worth`` once it comes to be arbitrated. ``variant``:
    whose words are shown. ``attempt`` counts how often its moment is decided. ``shared`` is that of all candidates of
    the moment.
    """

    offer: OfferDefinition
    alike: Alike
    passed: Passed
    shared: Shared
    attempt: int = 1
    stage: Stage = Stage.ELIGIBLE
    withheld: Withheld | None = None
    about: About = NOTHING
    worth: Worth | None = None
    variant: str | None = None
    shown: tuple[Option, ...] | None = None

    @property
    def target(self) -> str | None:
        """Id of what it is about, or would have been."""
        if self.about is NOTHING:
            return None if self.withheld is None else self.withheld.target
        return self.about.target

    @property
    def score(self) -> Decimal | None:
        """What it competes with, once that is known."""
        return None if self.worth is None else self.worth.score

    @property
    def options(self) -> tuple[Option, ...]:
        """All that could be chosen, in the order to be shown; made when somebody asks, and once."""
        if self.shown is None:
            self.shown = self.about.show()
        return self.shown
