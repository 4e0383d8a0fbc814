"""What can happen to an account, as the engine sees it.

Account facts and responses are few and come as their contracts (`schemas.facts`, `schemas.responses`); usage comes by
the million and has a lean form of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason

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


class Usages(Protocol):
    """Ordinary usage events that were read together, in their order: a column of each part.

    All their numbers have at most 19 digits, before and after the point together.
    """

    ids: list[str]
    sources: list[str]
    types: list[str]
    accounts: list[str]
    times: list[datetime]

    def __len__(self) -> int:
        """How many there are."""

    def part(self, first: int, end: int) -> "Usages":
        """Those from place ``first`` up to, and without, ``end``."""

    def users(self) -> list[str | None]:
        """Who it was, of each."""

    def amounts(self, prop: str | None, digits: int) -> Sequence[object]:
        """A property of each, or the quantity (None), as integers of so many digits after the point.

        Where it is no number, or one of more digits, something that is no integer.
        """

    def usage(self, place: int) -> Usage:
        """One of them, for whoever asks more of it."""


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
