"""What a decision is made of: what caused it, and each offer that competes in it."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from schemas.decisions import Reason, Stage
from schemas.offers import Option
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
    """What an offer would put before the account; a `Candidate` says what each of it means."""

    target: str
    show: Callable[[], tuple[Option, ...]]
    present: Decimal | None
    increase: Decimal | None
    strength: Decimal
    sort: Sort | None


class Shared(Struct):
    """What was found out for one of the offers of a moment and holds for others that are `Alike` in it, by its number.

    Beside these: what holds for all of them, and what a condition says, by its text.
    """

    about: dict[int, About | Withheld] = {}
    quiet: dict[int, Withheld | None] = {}
    caps: dict[int, Withheld | None] = {}
    worth: dict[int, tuple[Decimal, dict[str, Decimal]]] = {}
    asked: dict[str, Withheld | None] = {}
    for_all: dict[str, Withheld | None] = {}


class Candidate(Struct):
    """One offer put forward by one moment, and how far it came. ``stage``: the last stage that looked at it.

    What it would put before the account is known once it is eligible:

    - ``target``: id of what it is about; ``show`` makes what `options` are, as few candidates win
    - ``increase``: what it adds to all that is paid a month, at present seats, any term as months; ``present``: what is
      paid now, for plan and products; each None where a price of it is not known
    - ``strength``: how strongly it goes with what the account has; ``sort``: None where it is no sale, or of both sorts
    - ``variant``: whose words are shown

    ``attempt`` counts how often its moment is decided; ``factors`` are those of the ``score``, by name. ``shared``
    is that of all candidates of the moment.
    """

    offer: OfferDefinition
    alike: Alike
    passed: Passed
    shared: Shared
    target: str | None = None
    stage: Stage = Stage.ELIGIBLE
    withheld: Withheld | None = None
    score: Decimal | None = None
    show: Callable[[], tuple[Option, ...]] = tuple
    increase: Decimal | None = None
    present: Decimal | None = None
    strength: Decimal = ONE
    sort: Sort | None = None
    factors: dict[str, Decimal] | None = None
    attempt: int = 1
    variant: str | None = None
    shown: tuple[Option, ...] | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        """All that could be chosen, in the order to be shown; made when somebody asks, and once."""
        if self.shown is None:
            self.shown = self.show()
        return self.shown
