"""Events as they travel: CloudEvents 1.0 in JSON, with numbers that are exact."""

import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

Value = str | bool | int | float | Decimal | None
"""A property of a usage event. A float is taken as the shortest number that it prints as; `Decimal` is exact."""

Json = Value | Sequence["Json"] | Mapping[str, "Json"]

RESERVED: Final = "rung."
"""Types that begin so are account facts."""

MAX_ID_BYTES: Final = 256
MAX_EVENT_BYTES: Final = 32 * 1024
MAX_PROPERTIES: Final = 255
"""What Rung reads; beyond it an event would be set aside unread."""

SPACE: Final = 0x20
DELETE: Final = 0x7F


class EventRefused(ValueError):
    """The event would be set aside unread; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or became true, at ``time``.

    ``id`` identifies it together with the emitter's source: emitted again, it counts once. `usage` and `fact` make one.
    """

    type: str
    account: str
    data: Mapping[str, Json] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        for what, value in (("type", self.type), ("account", self.account), ("id", self.id)):
            _check_id(what, value)
        if self.time.tzinfo is None:
            raise EventRefused("time: has no zone")

    def written(self, source: str) -> bytes:
        """The message; raises `EventRefused`."""
        message: dict[str, Json] = {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": self.type,
            "subject": self.account,
            "time": self.time.isoformat(),
            "data": self.data,
        }
        value = written(message).encode()
        if len(value) > MAX_EVENT_BYTES:
            raise EventRefused(f"is longer than {MAX_EVENT_BYTES} bytes")
        return value


def usage(  # noqa: PLR0913 - one parameter for each thing that can be said
    type: str,  # noqa: A002 - its name in CloudEvents
    account: str,
    *,
    user: str | None = None,
    quantity: float | Decimal | None = None,
    properties: Mapping[str, Value] | None = None,
    id: str | None = None,  # noqa: A002 - likewise
    time: datetime | None = None,
) -> Event:
    """A usage event: ``type`` is an ``object.action`` in the past tense, such as ``file.stored``.

    ``id`` is made up and ``time`` is now unless they are given. Raises `EventRefused`.
    """
    if type.startswith(RESERVED):
        raise EventRefused(f"type: {RESERVED!r} is reserved for facts")
    data: dict[str, Json] = {}
    if user is not None:
        _check_id("user", user)
        data["user"] = user
    if quantity is not None:
        data["quantity"] = quantity
    if properties is not None:
        _check_properties(properties)
        data["properties"] = properties
    return _made(type, account, data, id, time)


def fact(
    type: str,  # noqa: A002 - its name in CloudEvents
    account: str,
    *,
    data: Mapping[str, Json] | None = None,
    id: str | None = None,  # noqa: A002 - likewise
    time: datetime | None = None,
) -> Event:
    """An account fact, such as ``rung.plan_changed`` with ``data={"plan": "team"}``. Raises `EventRefused`."""
    if not type.startswith(RESERVED):
        raise EventRefused(f"type: a fact begins with {RESERVED!r}")
    return _made(type, account, data or {}, id, time)


def written(value: Json) -> str:
    """``value`` as JSON; decimals digit by digit, which the library's own writer can not."""
    match value:
        case float() if not math.isfinite(value):
            raise EventRefused("a number is not finite")
        case Decimal() if not value.is_finite():
            raise EventRefused("a number is not finite")
        case Decimal():
            return str(value)
        case None | bool() | str() | int() | float():
            return json.dumps(value)
        case Mapping():
            return "{" + ",".join(f"{json.dumps(name)}:{written(item)}" for name, item in value.items()) + "}"
        case _:
            return "[" + ",".join(written(item) for item in value) + "]"


def _made(name: str, account: str, data: Mapping[str, Json], event_id: str | None, time: datetime | None) -> Event:
    if time is not None and event_id is not None:
        return Event(name, account, data, event_id, time)
    made = Event(name, account, data)
    return Event(name, account, data, event_id or made.id, time or made.time)


def _check_properties(properties: Mapping[str, Value]) -> None:
    if len(properties) > MAX_PROPERTIES:
        raise EventRefused(f"properties: there are more than {MAX_PROPERTIES}")
    for name in properties:
        _check_id("properties", name)


def _check_id(what: str, value: str) -> None:
    if not 0 < len(value.encode()) <= MAX_ID_BYTES:
        raise EventRefused(f"{what}: has to have 1 to {MAX_ID_BYTES} bytes")
    if any(ord(c) < SPACE or ord(c) == DELETE for c in value):
        raise EventRefused(f"{what}: has a control character")
