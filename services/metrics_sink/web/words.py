"""What the report says in words."""

from decimal import Decimal
from typing import Final

from services.metrics_sink.domain.effect import Because, Compared, Figure

NOT_KNOWN: Final = "not known yet"

BECAUSE: Final[dict[Because, str]] = {
    Because.NO_HOLDOUT: "nobody is held out, so nothing can be compared",
    Because.SPLIT_BROKEN: "split broken: too many or too few are held out, and nothing that follows can be believed",
    Because.CHURNS_MORE: "more of those it was made to left",
    Because.EARNS_LESS: "those it was made to pay less",
    Because.CONVERTS_LESS: "fewer of those it was made to bought something",
    Because.EARNS_AND_TICKETS: "they pay more, and open more tickets",
    Because.TICKETS_MORE: "those it was made to open more tickets",
    Because.EARNS_MORE: "those it was made to pay more",
    Because.CHURNS_LESS: "fewer of those it was made to left",
    Because.CONVERTS_MORE: "more of them bought something; what that earned is not known yet",
    Because.NOT_KNOWN_YET: "not known yet whether it changes anything",
}

FIGURES: Final[dict[Figure, str]] = {
    Figure.CONVERSION: "bought something after",
    Figure.REVENUE: "pay a month more than before, per account",
    Figure.CHURN: "left after",
    Figure.TICKETS: "tickets after, per account",
}

HUNDRED: Final = 100
TENTH: Final = Decimal("0.1")
CENT: Final = Decimal("0.01")


def percent(share: Decimal | None) -> str:
    """``104.2 %``."""
    return NOT_KNOWN if share is None else f"{(share * HUNDRED).quantize(TENTH)} %"


def money(amount: Decimal | None, currency: str) -> str:
    """``12.50 USD``."""
    return NOT_KNOWN if amount is None else f"{amount.quantize(CENT):,} {currency}"


def counted(number: int, what: str) -> str:
    """``1 account``, ``2,000 accounts``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def amount(figure: Figure, value: float, currency: str) -> str:
    """A difference with its sign, in the unit of the figure."""
    match figure:
        case Figure.CONVERSION | Figure.CHURN:
            return f"{value * HUNDRED:+.1f} points"
        case Figure.REVENUE:
            return f"{value:+.2f} {currency}"
        case Figure.TICKETS:
            return f"{value:+.3f}"


def level(figure: Figure, value: Decimal, currency: str) -> str:
    """What one arm did on average, in the unit of the figure."""
    match figure:
        case Figure.CONVERSION | Figure.CHURN:
            return percent(value)
        case Figure.REVENUE:
            return f"{value.quantize(CENT)} {currency}"
        case Figure.TICKETS:
            return f"{value.quantize(CENT)}"


def between(figure: Figure, one: Compared, currency: str) -> str:
    """``+1.2 points (+0.3 to +2.1)``, or that it is not known yet."""
    found = one.difference
    if found is None:
        return NOT_KNOWN
    bounds = " to ".join(amount(figure, bound, currency).split(" ")[0] for bound in (found.lower, found.upper))
    return f"{amount(figure, found.estimate, currency)} ({bounds})"
