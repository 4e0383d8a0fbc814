"""What an offer does, by its verb. All names are of the product document."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class UpgradeTo:
    """``plan``, or the next rung of ``ladder``, or of the only ladder that holds the account's plan."""

    plan: str | None = None
    ladder: str | None = None


@dataclass(frozen=True, slots=True)
class UpgradeToFitting:
    """The cheapest plan above that holds the account's usage and what is forecast of it."""


@dataclass(frozen=True, slots=True)
class UpgradeToUnlock:
    """The cheapest plan above that has ``feature``."""

    feature: str


@dataclass(frozen=True, slots=True)
class Add:
    """A product beside the plan."""

    product: str


@dataclass(frozen=True, slots=True)
class AddComplement:
    """The product that goes best with what was just bought, of those not owned."""


@dataclass(frozen=True, slots=True)
class SellBundle:
    """A bundle; what is owned of it is left out, and the price computed anew."""

    bundle: str


@dataclass(frozen=True, slots=True)
class AddSeats:
    """``count`` seats more; None: as many as the account's members need."""

    count: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeTerm:
    """The contract's ``term``; None: the next longer one."""

    term: str | None = None


@dataclass(frozen=True, slots=True)
class Highlight:
    """Show a feature that the account has or can have. Not a sale."""

    feature: str


@dataclass(frozen=True, slots=True)
class Nurture:
    """Help with a topic. Not a sale; for the disengaged, too."""

    topic: str


@dataclass(frozen=True, slots=True)
class TaskFor:
    """A task for a person who looks at ``queue``, with a ``note``, done within ``due_us`` (None: no date)."""

    queue: str
    note: str | None = None
    due_us: int | None = None


class Order(StrEnum):
    """In what order several items are shown."""

    MOST_EXPENSIVE_FIRST = "most_expensive_first"
    CHEAPEST_FIRST = "cheapest_first"
    AS_WRITTEN = "as_written"


@dataclass(frozen=True, slots=True)
class ChooseFrom:
    """Several plans, products or bundles beside each other; ``mark`` is shown as recommended, none is preselected."""

    items: tuple[str, ...]
    mark: str | None = None
    order: Order = Order.MOST_EXPENSIVE_FIRST


Does = (
    UpgradeTo
    | UpgradeToFitting
    | UpgradeToUnlock
    | Add
    | AddComplement
    | SellBundle
    | AddSeats
    | ChangeTerm
    | Highlight
    | Nurture
    | TaskFor
    | ChooseFrom
)
"""Closed: all that an offer can do."""

Sale = (
    UpgradeTo
    | UpgradeToFitting
    | UpgradeToUnlock
    | Add
    | AddComplement
    | SellBundle
    | AddSeats
    | ChangeTerm
    | ChooseFrom
)
"""What asks for money: never for the disengaged, and bounded by ladders and the price step."""
