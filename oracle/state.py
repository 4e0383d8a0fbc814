"""What is known of an account and of its parts, laid out as the engine stores it. Times in microseconds since 1970 UTC.

A stored slice is when it is next due (8 bytes, big-endian, all ones for never), a version byte, and msgpack arrays. In
these plain meters are three things: their names with the periods that they count, a row of their numbers, and how many
digits after the point each has. The row is integers of the last digit, little-endian, each in 4 bytes or, if one of
them needs that, in 8 or 16. Those digits are one of a few numbers of them, so that they seldom change.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from oracle import days
from oracle.language.sold import UNLIMITED
from oracle.meters.state import Counted, Period
from oracle.moments.state import State
from oracle.numbers import ZERO, kept, plus, times, unkept, width

if TYPE_CHECKING:
    from datetime import tzinfo

    from oracle.language.reading_product import ProductDocument

VERSION: Final = 5
READABLE: Final = (1, 2, 3, 4, VERSION)
ROWS: Final = 3
"""Version from which on the numbers of plain meters are stored in a row, apart from what they are called."""

NEVER: Final = 2**64 - 1
HEAD: Final = 9
"""Bytes before the msgpack."""


class Standing(Struct, frozen=True, array_like=True):
    """What a plain meter stands at, and the start of the billing period it counts (None: it counts for ever)."""

    value: Decimal = ZERO
    period: int | None = None

    @classmethod
    def at(cls, value: Decimal, period: int | None = None) -> Standing:
        """At ``value``, as it is kept."""
        return cls(unkept(*kept(value)), period)


class Known(Struct, frozen=True, array_like=True):
    """A fact as it was told; a decimal stands in ``number``."""

    at: int
    id: str
    value: str | bool | int | Period | None = None
    number: Decimal | None = None


class Happened(Struct, frozen=True, array_like=True):
    """A moment that fired, as an account remembers it."""

    moment: str
    at: int
    user: str | None = None
    value: Decimal | None = None
    limit: Decimal | None = None
    step: Decimal | None = None
    period: int | None = None
    arm: int = 0
    group: str | None = None
    percent: Decimal | None = None
    date: int | None = None
    confidence: Decimal | None = None
    about: str | None = None


class Open(Struct, array_like=True):
    """An offer in the account's hands, or lately over; ``held_out``: it was shown to nobody.

    ``levels``, ``segments`` and ``report``: what the account was then. ``happened``: its moment, while it is open.
    ``basis`` and ``shown``: what it stands on, and what it shows, each as one number.
    """

    offer_id: str
    offer: str
    playbook: str
    family: str
    verb: str
    target: str
    moment: str
    kind: str
    occurrence: str
    placements: tuple[str, ...]
    made_at: int
    expires_at: int
    decision_id: str
    version: int
    no_rule: str
    no_for: int | None
    user: str | None = None
    step: Decimal | None = None
    price_difference: Decimal | None = None
    sequence: int = 1
    seen: tuple[str, ...] = ()
    snoozed_until: int | None = None
    over: str | None = None
    score: Decimal | None = None
    held_out: bool = False
    variant: str | None = None
    levels: dict[str, str] = {}
    segments: tuple[str, ...] = ()
    report: dict[str, str] = {}
    happened: Happened | None = None
    basis: int = 0
    shown: int = 0


class Closed(Struct, frozen=True, array_like=True):
    """A family that was said no to: until a time, until a step above ``step``, or (neither) for ever."""

    at: int
    until: int | None = None
    step: Decimal | None = None


class Made(Struct, frozen=True, array_like=True):
    """An offer made, as caps count it; to ``user`` alone, or to the account and ``shown_to`` these marks of users."""

    at: int
    offer_id: str
    offer: str
    family: str
    placements: tuple[str, ...]
    verb: str = ""
    user: str | None = None
    shown_to: tuple[int, ...] = ()


class Noes(Struct, frozen=True, array_like=True):
    """Offers in a row that were dismissed, or seen and ignored, and when the last of them was."""

    count: int = 0
    at: int = 0


class Held(Struct, frozen=True, array_like=True):
    """A moment that will be decided again; ``reasons``: why it is held, as one number.

    ``again``: when to look at it though nothing happens; ``waits_for``: the usage that may end it.
    """

    happened: Happened
    attempt: int
    reasons: int
    again: int | None = None
    waits_for: tuple[str, ...] = ()


class Part(Struct, array_like=True):
    """One user of an account, or those of whom a property has one value."""

    meters: dict[str, Standing] = {}
    moments: dict[str, State] = {}
    facts: dict[str, Known] = {}
    counted: dict[str, Counted] = {}


class Account(Struct, array_like=True):
    """One account. ``meters`` holds the plain ones, ``counted`` all others, by their keys."""

    facts: dict[str, Known] = {}
    meters: dict[str, Standing] = {}
    moments: dict[str, State] = {}
    offers: list[Open] = []
    closed: dict[str, Closed] = {}
    made: list[Made] = []
    erased_at: int | None = None
    """When the account before this one under the same name was erased."""

    counted: dict[str, Counted] = {}
    first_seen: int | None = None
    """What time it was when the first was heard of it."""

    baselines: dict[str, int] = {}
    """As of when a fact told what a meter stands at, by its key."""

    since: dict[str, int] = {}
    """Since when its plan and its term are what they are."""

    held: list[Held] = []
    noes: Noes = Noes()
    was_quiet: dict[str, int | None] = {}
    """Quiet segments by their text: None while it is in, else when it was seen to have left."""

    dropped: int = 0
    """Moments that were held, and given up since too many were."""

    # --- facts ----------------------------------------------------------------------------------

    def told(self, slot: str) -> str | bool | int | Period | None:
        """What a fact says; None when nobody told."""
        known = self.facts.get(slot)
        return None if known is None else known.value

    def text(self, slot: str) -> str | None:
        """What a fact says, where that is text."""
        told = self.told(slot)
        return told if isinstance(told, str) else None

    def plan(self, product: ProductDocument) -> str | None:
        """The plan it is on."""
        return self.text("plan") or product.default_plan

    def term(self) -> str | None:
        """The term of its plan."""
        return self.text("term")

    def seats(self) -> int | None:
        """Seats paid for."""
        told = self.told("seats")
        return told if isinstance(told, int) else None

    def created(self) -> int | None:
        """When it was created, as a fact told."""
        known = self.facts.get("created")
        return None if known is None else known.at

    def clocks(self) -> tzinfo:
        """The clocks it lives by."""
        return days.zone(self.text("zone"))

    def period(self) -> Period | None:
        """The billing period announced last."""
        told = self.told("period")
        return told if isinstance(told, Period) else None

    def told_with(self, slot: str, beside: str) -> Known | None:
        """What the fact that holds under ``slot`` told under ``beside``."""
        known, told = self.facts.get(slot), self.facts.get(beside)
        same = known is not None and told is not None and (told.at, told.id) == (known.at, known.id)
        return told if same else None

    def number(self, fact: str, product: ProductDocument) -> Decimal | None:
        """What a declared fact says, or its default, where that is a number."""
        known = self.facts.get(f"attribute:{fact}")
        if known is not None:
            return known.number
        _, default = product.facts.get(fact, (None, None))
        return Decimal(default) if isinstance(default, int | Decimal) and not isinstance(default, bool) else None

    # --- what it has ----------------------------------------------------------------------------

    def owned(self) -> list[str]:
        """Products beside the plan, sorted."""
        slots = [slot for slot, known in self.facts.items() if slot.startswith("product:") and known.value is True]
        return sorted(slot.removeprefix("product:") for slot in slots)

    def purchases(self, product: str) -> list[str]:
        """Slots of the purchases of ``product`` that it still has: one for each time it was bought, if it can be."""
        own = f"product:{product}"
        if self.told(own) is not True:
            return []
        again = (slot for slot, known in self.facts.items() if slot.startswith("bought:") and known.value == product)
        return sorted(again) or [own]

    def open(self) -> list[Open]:
        """Offers that somebody may still see, oldest first."""
        return [offer for offer in self.offers if offer.over is None]

    # --- limits ---------------------------------------------------------------------------------

    def limit(self, meter: str, product: ProductDocument) -> Decimal | str | None:
        """The limit of a meter: its own, else that of its plan and products; None when unknown."""
        own = self.facts.get(f"limit:{meter}")
        if own is not None:
            return UNLIMITED if own.number is None else own.number
        return self.limit_on(self.plan(product), meter, product)

    def limit_on(
        self, plan: str | None, meter: str, product: ProductDocument, more_seats: int = 0
    ) -> Decimal | str | None:
        """What the limit would be on ``plan``, had the account none of its own."""
        written = product.plans[plan].limits.get(meter) if plan is not None and plan in product.plans else None
        if written is None:
            return None
        if written.fixed is None:
            return UNLIMITED
        value = written.fixed
        if written.per_seat:
            seats = self.seats()
            if seats is None:
                return None
            value = plus(value, times(written.per_seat, Decimal(seats + more_seats)))
        for name, adds in product.adding.get(meter, ()):
            bought = len(self.purchases(name))
            if bought:
                value = plus(value, times(adds, Decimal(bought)))
        return value


Slice = Account | Part

_ENCODER: Final = msgspec.msgpack.Encoder()


def decoded(key: bytes, raw: bytes) -> Slice:
    """A stored slice; raises `msgspec.ValidationError` or ``ValueError`` when it is none."""
    if len(raw) <= HEAD or raw[HEAD - 1] not in READABLE:
        raise ValueError("not a slice of a version that the oracle reads")
    kind = Account if key.startswith(b"A") else Part
    fields, place = msgspec.msgpack.decode(memoryview(raw)[HEAD:]), _meters(kind)
    if raw[HEAD - 1] >= ROWS and isinstance(fields, list) and len(fields) > place:
        fields[place] = _standings(msgspec.convert(fields[place], _Plain))
    return msgspec.convert(fields, Account) if kind is Account else msgspec.convert(fields, Part)


def _meters(kind: type[Slice]) -> int:
    """Which of its fields the plain meters are."""
    return kind.__struct_fields__.index("meters")


class _Plain(Struct, array_like=True):
    """Plain meters as they are stored; ``digits`` since version 4. What then was beyond 64 bits had none."""

    periods: dict[str, int | None]
    row: bytes | list[int | str]
    digits: list[int | None] | None = None


def _standings(plain: _Plain) -> dict[str, object]:
    """Plain meters as they were stored at first: what each stands at as text, and its period."""
    row, count = plain.row, len(plain.periods)
    if isinstance(row, bytes):
        step = max(1, len(row) // max(1, count))
        places = range(0, len(row), step)
        numbers: list[int | str] = [int.from_bytes(row[at : at + step], "little", signed=True) for at in places]
    else:
        numbers = row
    digits = [None] * count if plain.digits is None else plain.digits
    found = zip(plain.periods.items(), numbers, digits, strict=True)
    return {
        name: [str(unkept(number, after or 0)) if isinstance(number, int) else number, period]
        for (name, period), number, after in found
    }


def _stored(held: Slice) -> list[object]:
    """The fields of a slice as they are stored."""
    fields = list(astuple(held))
    periods = {name: standing.period for name, standing in held.meters.items()}
    found = [kept(standing.value) for standing in held.meters.values()]
    row, digits = _row([number for number, _ in found]), [after for _, after in found]
    fields[_meters(type(held))] = periods, row, digits
    return fields


def _row(numbers: list[int]) -> bytes:
    step = max(map(width, numbers), default=0)
    return b"".join(number.to_bytes(step, "little", signed=True) for number in numbers)


def size(kept: object) -> int:
    """How many bytes of a slice something takes."""
    return len(_ENCODER.encode(kept))


def encoded(held: Slice, due: int | None) -> bytes:
    """A slice as it is stored."""
    return (NEVER if due is None else due).to_bytes(8, "big") + bytes([VERSION]) + _ENCODER.encode(_stored(held))


def is_former(raw: bytes) -> bool:
    """Whether a slice was stored in a version from before."""
    return raw[HEAD - 1] < VERSION


def due_of(raw: bytes) -> int | None:
    """When a stored slice is next due."""
    due = int.from_bytes(raw[:8], "big")
    return None if due == NEVER else due
