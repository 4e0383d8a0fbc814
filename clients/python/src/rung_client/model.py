"""Offers as the API tells them. Fields may be added there; what is not known here is passed over."""

import types
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


class ResponseKind(StrEnum):
    """What a person did with an offer."""

    PRESENTED = "presented"
    CLICKED = "clicked"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Content:
    """Plain text, never HTML."""

    title: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """A list price: ``amount`` in ``currency`` per ``term``, for each seat when ``per_seat``."""

    amount: Decimal
    currency: str
    term: str
    per_seat: bool


@dataclass(frozen=True, slots=True)
class Saving:
    """What it costs less, computed; ``percent`` is whole."""

    amount: Decimal
    currency: str
    term: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Gain:
    """What an option gives beyond what the account has."""

    what: str
    after: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen; none is ever preselected."""

    id: str
    kind: str
    recommended: bool
    gains: tuple[Gain, ...]
    items: tuple[str, ...] | None = None
    quantity: Decimal | None = None
    sort: str | None = None
    price: Price | None = None
    saving: Saving | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The account's own usage that earned the offer. ``limit`` is a number or ``unlimited``."""

    moment: str
    kind: str
    happened_at: datetime
    meter: str | None = None
    group: str | None = None
    value: Decimal | None = None
    limit: str | None = None
    step: Decimal | None = None
    percent: Decimal | None = None
    date: str | None = None
    confidence: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AfterNo:
    """What a no means: offers of this kind stay away for ``seconds``, or for ever when that is None."""

    rule: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer, ready to be shown. ``id`` is what a response names; ``offer`` is the operator's name of it.

    Of several the one with the highest ``score`` is the best.
    """

    id: str
    offer: str
    verb: str
    state: str
    placements: tuple[str, ...]
    content: Content
    options: tuple[Option, ...]
    evidence: tuple[Evidence, ...]
    after_a_no: AfterNo
    made_at: datetime
    expires_at: datetime
    user: str | None = None
    variant: str | None = None
    note: str | None = None
    due_at: datetime | None = None
    score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Whether an offer holds: what it now is when it does, and the state that keeps it off the screen when not."""

    id: str
    holds: bool
    state: str
    offer: Offer | None = None


def read(kind: type[T], told: Mapping[str, Any]) -> T:
    """``told`` as a ``kind`` of this module; raises ``KeyError`` or ``ValueError`` when it is none."""
    hints = _hints(cast("Hashable", kind))
    known = {name: _value(hint, told[name]) for name, hint in hints.items() if told.get(name) is not None}
    try:
        return kind(**known)
    except TypeError as missing:
        raise ValueError(str(missing)) from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: _without_none(hints[field.name]) for field in fields(kind)}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) is not types.UnionType:
        return hint
    (only,) = [part for part in get_args(hint) if part is not types.NoneType]
    return only


def _value(hint: Any, told: Any) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], one) for one in told)
    if is_dataclass(hint) and isinstance(hint, type):
        return read(hint, told)
    if hint is datetime:
        return datetime.fromisoformat(told)
    return hint(told)
