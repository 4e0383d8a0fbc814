"""What stories are made of: one account does things, and each thing may have to lead to something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.decisions import Reason
from schemas.responses import ResponseKind

Value = str | int | bool | Decimal | None | Mapping[str, "Value"]


@dataclass(frozen=True)
class Send:
    """A usage event or an account fact, told ``ago_s`` seconds after it happened. ``data`` as on the wire."""

    type: str
    data: Mapping[str, Value] = field(default_factory=dict)
    ago_s: int = 0


@dataclass(frozen=True)
class Earns:
    """``by`` earns ``offer``: the story waits until a front end can fetch it."""

    by: Send
    offer: str


@dataclass(frozen=True)
class Withheld:
    """``by`` would earn ``offer``, which is withheld for ``reason``: the story waits until that was decided."""

    by: Send
    offer: str
    reason: Reason


@dataclass(frozen=True)
class Respond:
    """Somebody does something with the offer that was earned last: the story waits until the engine has judged it."""

    response: ResponseKind


@dataclass(frozen=True)
class Gone:
    """The offer that was earned last is not handed out any more: the story looks."""


@dataclass(frozen=True)
class Broken:
    """A message that nobody can read is sent for the account: the story waits until it is set aside."""

    value: bytes


Act = Send | Earns | Withheld | Respond | Gone | Broken
"""Closed."""


@dataclass(frozen=True)
class Story:
    """What one account lives through, beginning ``starts_s`` seconds into the show."""

    account: str
    acts: tuple[Act, ...]
    starts_s: float = 0.0
