"""The shape of what others send: the fields of each message, and what may stand in them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oracle.numbers import is_short
from oracle.times import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_ID_BYTES: Final = 256
MAX_PROPERTIES: Final = 255
MAX_DIGITS: Final = 38
JSON_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class Broken(Exception):
    """A field does not hold what it must."""


class TooMany(Exception):
    """More properties than an event may have."""


class Field(NamedTuple):
    """What may stand in a field; ``default`` is what an absent one says, ``...`` when it may not be absent."""

    check: Callable[[Any], Any]
    default: Any = ...


def checked(data: object, shape: Mapping[str, Field]) -> dict[str, Any]:
    """``data`` with its defaults and exact numbers; raises `Broken` or `TooMany`."""
    given = {} if data is None else data
    if not isinstance(given, dict):
        raise Broken
    found: dict[str, Any] = {}
    crowded, broken = False, not given.keys() <= shape.keys()
    for name, field in shape.items():
        try:
            found[name] = field.check(given[name]) if name in given else _default(field)
        except TooMany:
            crowded = True
        except Broken:
            broken = True
    if crowded:
        raise TooMany
    if broken:
        raise Broken
    return found


def _default(field: Field) -> Any:
    if field.default is ...:
        raise Broken
    return {} if field.default == {} else field.default


# --- what may stand in a field ----------------------------------------------------------------------


def an_id(value: object) -> str:
    """1 to 256 bytes of text without control characters."""
    if not isinstance(value, str) or not value or len(value) > MAX_ID_BYTES or CONTROL.search(value):
        raise Broken
    if not value.isascii() and len(value.encode()) > MAX_ID_BYTES:
        raise Broken
    return value


def number(value: object) -> Decimal:
    """A finite number of at most 38 digits, as a JSON number or as text."""
    if type(value) is int and -(10**9) < value < 10**9:
        return Decimal(value)
    if isinstance(value, Decimal) and is_short(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Broken
    if isinstance(value, str) and not JSON_NUMBER.fullmatch(value):
        raise Broken
    made = Decimal(value)
    _, digits, exponent = made.as_tuple()
    if not isinstance(exponent, int):
        raise Broken
    if max(len(digits) + max(exponent, 0), -exponent) > MAX_DIGITS:
        raise Broken
    return made


def not_negative(value: object) -> Decimal:
    """A number from 0."""
    made = number(value)
    if made < 0:
        raise Broken
    return made


def whole(value: object) -> int:
    """A whole number from 0."""
    if type(value) is not int or value < 0:
        raise Broken
    return value


def prop(value: object) -> str | bool | Decimal | None:
    """Text, true or false, a number, or null."""
    return value if value is None or isinstance(value, str | bool) else number(value)


def properties(value: object) -> dict[str, str | bool | Decimal | None]:
    """Named properties, any number of them."""
    if not isinstance(value, dict):
        raise Broken
    return {an_id(name): prop(held) for name, held in value.items()}


def bounded(value: object) -> dict[str, str | bool | Decimal | None]:
    """Named properties, 255 at most."""
    if isinstance(value, dict) and len(value) > MAX_PROPERTIES:
        raise TooMany
    return properties(value)


def limit(value: object) -> Decimal | str:
    """A limit: a number from 0, or that there is none."""
    return "unlimited" if value == "unlimited" else not_negative(value)


def time(value: object) -> str:
    """An RFC 3339 time."""
    if instant(value) is None:
        raise Broken
    return str(value)


def one_of(*words: str) -> Callable[[Any], str]:
    """One of some words."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise Broken
        return value

    return check


def maybe(check: Callable[[Any], Any]) -> Field:
    """A field that may be absent or null."""
    return Field(lambda value: None if value is None else check(value), None)


# --- the messages -----------------------------------------------------------------------------------

ID: Final = Field(an_id)
USAGE_DATA: Final[Mapping[str, Field]] = {
    "user": maybe(an_id),
    "quantity": Field(number, Decimal(1)),
    "properties": Field(bounded, {}),
}
RESPONSE: Final[Mapping[str, Field]] = {
    "offer": ID,
    "response": Field(one_of("presented", "clicked", "accepted", "dismissed", "snoozed")),
    "user": maybe(an_id),
    "placement": maybe(an_id),
    "option": maybe(an_id),
}
NOTHING: Final[Mapping[str, Field]] = {}
TICKET: Final[Mapping[str, Field]] = {"ticket": ID}
PRODUCT: Final[Mapping[str, Field]] = {"product": ID, "term": maybe(an_id), "price": maybe(not_negative)}
ONBOARDING: Final[Mapping[str, Field]] = {"product": maybe(an_id), "user": maybe(an_id)}

FACTS: Final[Mapping[str, Mapping[str, Field]]] = {
    "rung.account_created": {
        "plan": maybe(an_id),
        "term": maybe(an_id),
        "seats": maybe(whole),
        "locale": maybe(an_id),
        "zone": maybe(an_id),
        "attributes": Field(properties, {}),
    },
    "rung.plan_changed": {
        "plan": ID,
        "term": maybe(an_id),
        "seats": maybe(whole),
        "price": maybe(not_negative),
    },
    "rung.seats_changed": {"seats": Field(whole)},
    "rung.product_bought": PRODUCT,
    "rung.product_ended": PRODUCT,
    "rung.attribute_set": {"name": ID, "value": Field(prop)},
    "rung.limit_set": {"meter": ID, "value": Field(limit)},
    "rung.meter_set": {"meter": ID, "value": Field(number), "as_of": Field(time)},
    "rung.period_started": {"starts": Field(time), "ends": Field(time)},
    "rung.ticket_opened": TICKET,
    "rung.ticket_closed": TICKET,
    "rung.payment_failed": NOTHING,
    "rung.payment_recovered": NOTHING,
    "rung.cancel_requested": NOTHING,
    "rung.cancel_withdrawn": NOTHING,
    "rung.account_closed": NOTHING,
    "rung.onboarding_started": ONBOARDING,
    "rung.onboarding_completed": ONBOARDING,
    "rung.onboarding_abandoned": ONBOARDING,
    "rung.account_erased": NOTHING,
}
