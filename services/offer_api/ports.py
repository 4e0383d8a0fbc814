"""What the offer API needs from outside, in its own words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Decision
from schemas.offers import OfferEvent
from schemas.responses import Responded
from services.kit.kafka.reader import Record
from services.offer_api.domain.row import UNKNOWN, OfferRow, Way
from services.offer_api.domain.scope import Scope


class LogUnavailable(Exception):
    """Kafka did not take what was sent, or not in time. It may still arrive: whoever tries again uses the same ids."""


class TokenRefused(Exception):
    """The token is not one of ours, or not any more.

    Attributes:
        why: For our own log and counters; the bearer is not told.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token speaks for. ``user``: one user alone, else anybody of the account. ``expires_s``: since 1970 UTC.

    ``staff``: the account's own people do not have it, but those who look after the account. ``probe``: it was made for
    a probe.
    """

    account: str
    user: str | None
    expires_s: int
    staff: bool = False
    probe: bool = False


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A service or an operator with a key of its own, which is for every account."""

    key_id: str
    scopes: frozenset[Scope]


Caller = Bearer | KeyHolder

KEY_PREFIX: Final = "rung_"
"""Tells a service key from a token, and scanners for lost secrets whose it is."""


class Change(NamedTuple):
    """One event of ``rung.offers``, where it lies in its partition, and how it came about."""

    event: OfferEvent
    offset: int
    way: Way = UNKNOWN


@dataclass(frozen=True, slots=True)
class Backlog:
    """An account's rows and the position of its partition, of one moment.

    ``position``: the next offset to fold; ``erased``: where the account was erased last, if ever.
    """

    rows: tuple[OfferRow, ...]
    position: int | None
    erased: int | None = None


class Made(NamedTuple):
    """One record of ``rung.decisions``."""

    account: str
    decision: Decision
    offset: int


class Placed(NamedTuple):
    """A decision, and where it lies in its account's partition."""

    decision: Decision
    offset: int


class Offers(Protocol):
    """Every offer as it stands, for reading. Each call is one transaction; all raise ``DatabaseAway``."""

    async def not_over(self, account: str) -> list[OfferRow]:
        """The account's offers that the engine has not ended, in no order."""

    async def find(self, account: str, offer_ids: Collection[str]) -> dict[str, OfferRow]:
        """Those of ``offer_ids`` that are this account's, by id."""

    async def backlog(self, account: str, partition: int, since: int | None) -> Backlog:
        """The offers that are not over, and those that changed after offset ``since``."""

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold; a partition that was never folded is missing."""


class Folding(Protocol):
    """Every offer as it stands, for writing. Each call is one transaction; all raise ``DatabaseAway``."""

    async def fold(self, partition: int, changes: Sequence[Change], before: int, after: int) -> None:
        """Fold ``changes`` and move the partition's position from ``before`` to ``after``.

        A missing position counts as ``before``. Raises ``PositionMoved`` when it is not ``before``.
        """

    async def report(self, account: str, responses: Sequence[Responded]) -> None:
        """Note on the rows what was acknowledged; the engine's word takes its place."""


class Decisions(Protocol):
    """What was decided, for reading. Each call is one transaction; all raise ``DatabaseAway``."""

    async def newest(
        self, account: str, limit: int, before: int | None = None, offer: str | None = None
    ) -> list[Placed]:
        """The account's decisions before an offset, newest first; only those in which an offer of a name competed."""

    async def that_made(self, account: str, offer_ids: Collection[str]) -> dict[str, Decision]:
        """By the offer's id, the newest decision that made it; one that is no longer kept is missing."""


class DecisionFolding(Protocol):
    """What was decided, for writing. Each call is one transaction; all raise ``DatabaseAway``."""

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold."""

    async def fold(self, partition: int, made: Sequence[Made], before: int, after: int) -> None:
        """Keep ``made`` but for what is of an account from before its erasure; else as `Folding.fold`."""


class ResponseLog(Protocol):
    """``rung.responses``."""

    async def send(self, responses: Sequence[Responded]) -> None:
        """Return when every replica that must have them has them; raises `LogUnavailable` within seconds if not."""


class DeadLetters(Protocol):
    """``rung.dead-letters``."""

    async def send(self, record: Record, reason: DeadLetterReason, detail: str) -> None:
        """Keep ``record`` whole with the reason and its origin; raises `LogUnavailable`."""


class Tokens(Protocol):
    """The keys that tokens are signed with."""

    async def read(self, token: str, now: datetime) -> Bearer:
        """Who ``token`` speaks for. Raises `TokenRefused`. May wait some seconds when it names a key that is new."""


class ServiceKeys(Protocol):
    """The keys of services and operators."""

    async def read(self, key: str) -> KeyHolder:
        """Whose ``key`` is, which begins with `KEY_PREFIX`. Raises `TokenRefused` and ``DatabaseAway``."""
