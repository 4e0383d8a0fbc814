"""What came of playing a scenario."""

from dataclasses import dataclass
from decimal import Decimal

from schemas.envelope import Envelope
from services.trigger_engine.domain.playbook.problems import Place
from services.trigger_engine.domain.playbook.product import LimitValue


@dataclass(frozen=True, slots=True)
class Standing:
    """What a meter stood at, of the account or of one user, and the account's limit of it where there is one."""

    meter: str
    value: Decimal
    limit: LimitValue | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The step at ``place`` did not go as it was written.

    ``came`` is all that the engine told since the expectation before it; ``standings`` are the meters then.
    """

    place: Place
    why: str
    came: tuple[Envelope, ...] = ()
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: to its end, or as far as the first step that ``failed``."""

    name: str
    about: str | None
    failed: Failed | None = None
