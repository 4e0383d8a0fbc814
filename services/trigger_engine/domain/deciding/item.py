"""One thing that could be put before an account: what it is, what it costs, and what it adds to what is paid."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from services.trigger_engine.domain.deciding.candidate import ONE, Sort
from services.trigger_engine.domain.pricing import Listed


class Kind(StrEnum):
    """What it is, as an option tells it."""

    PLAN = "plan"
    PRODUCT = "product"
    BUNDLE = "bundle"
    SEATS = "seats"
    TERM = "term"
    FEATURE = "feature"
    TOPIC = "topic"
    TASK = "task"


class Item(Struct, frozen=True, kw_only=True):
    """One thing that could be put before the account.

    ``price`` is what is told of it, for each seat when ``per_seat``, and ``instead`` what the same costs without the
    offer, so that a saving can be told. ``increase`` is what it adds to all that is paid a month at present seats; None
    when that is not known, or it is no sale. ``items`` are products of a bundle that are new, ``quantity`` seats more.
    """

    id: str
    kind: Kind
    price: Listed | None = None
    per_seat: bool = False
    instead: Listed | None = None
    increase: Fraction | None = None
    items: tuple[str, ...] = ()
    quantity: int | None = None
    strength: Decimal = ONE
    sort: Sort | None = None
