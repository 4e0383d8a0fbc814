"""What can happen to an account, as the engine sees it.

Account facts and responses are few and come as their contracts (`schemas.facts`, `schemas.responses`); usage comes by
the million and has a lean form of its own.
"""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason

Property = str | bool | int | Decimal | None

ONE: Final = Decimal(1)


class Usage(Struct, frozen=True):
    """Something that happened in the product. ``at``: event time in microseconds since 1970 UTC.

    ``plain``: its numbers are known to have at most 18 digits before and after the point.
    """

    source: str
    id: str
    type: str
    account: str
    at: int
    user: str | None = None
    quantity: Decimal = ONE
    properties: dict[str, Property] = {}
    plain: bool = False


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
