"""What can happen to an account, as the engine sees it.

Account facts and responses are few and come as their contracts (`schemas.facts`, `schemas.responses`); usage comes by
the million and has a lean form of its own.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.instants import to_us

Property = str | bool | int | Decimal | None

ONE: Final = Decimal(1)


class Usage(Struct, frozen=True):
    """Something that happened in the product. ``at``: event time in microseconds since 1970 UTC."""

    source: str
    id: str
    type: str
    account: str
    at: int
    user: str | None = None
    quantity: Decimal = ONE
    properties: dict[str, Property] = {}


class PlainData(Protocol):
    """What happened, to whom, how much."""

    @property
    def user(self) -> str | None:
        """Who of the account."""

    @property
    def quantity(self) -> int | Decimal:
        """How many times over."""

    @property
    def properties(self) -> dict[str, Property]:
        """All else that was told of it."""


class Plain(Protocol):
    """An ordinary usage event as it was read; all its numbers have at most 18 digits before and after the point."""

    @property
    def source(self) -> str:
        """Who sent it."""

    @property
    def id(self) -> str:
        """Tells it from all others of its source."""

    @property
    def type(self) -> str:
        """What happened."""

    @property
    def subject(self) -> str:
        """The account."""

    @property
    def data(self) -> PlainData:
        """The rest."""


def usage_of(plain: Plain, at: datetime) -> Usage:
    """The same event, of time ``at``, for whoever asks more of it."""
    data = plain.data
    return Usage(
        plain.source, plain.id, plain.type, plain.subject, to_us(at), data.user, Decimal(data.quantity), data.properties
    )


class Clocks(Struct, frozen=True):
    """What time it is, microseconds since 1970 UTC.

    ``now`` decides freshness, expiry and caps; no usage of an event time before ``floor`` can come any more.
    """

    now: int
    floor: int


class Origin(Struct, frozen=True):
    """Where an input lies: ``usage``, ``responses`` or, for a tick, ``timer`` with no offset."""

    stream: str
    partition: int
    offset: int | None = None


class Impossible(Exception):
    """The input can be read and yet means nothing here; it goes to the dead letters, and no state has changed.

    Attributes:
        reason: The kind of fault.
        detail: What is wrong and where, in one line.
    """

    def __init__(self, reason: DeadLetterReason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")
