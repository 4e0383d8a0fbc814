"""What the report says in words."""

from decimal import Decimal
from typing import Final

from schemas.decisions import Reason
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
    Figure.CONVERSION: "how many bought something",
    Figure.REVENUE: "what an account pays a month",
    Figure.CHURN: "how many left",
    Figure.TICKETS: "tickets of an account",
}

SPREAD: Final = "What an account paid once since it was decided for is spread over the months since."

REASONS: Final[dict[Reason, str]] = {
    Reason.NO_OFFER: "no offer for this moment",
    Reason.PAUSED: "the offer is paused",
    Reason.STALE: "the moment was too old",
    Reason.OWNED: "it has that already",
    Reason.TOP_RUNG: "there is nothing above",
    Reason.NOT_ADJACENT: "that is more than one step up",
    Reason.NOT_ON_LADDER: "no ladder leads there",
    Reason.LIFTS_NOTHING: "it would not raise the limit",
    Reason.UNKNOWN: "something about it is not known",
    Reason.NOT_FOR: "the offer is for others",
    Reason.TOO_STEEP: "the price step is too steep",
    Reason.NOT_IN_USE: "the step before is not used yet",
    Reason.NOTHING_FITS: "nothing would fit",
    Reason.TOO_LITTLE_NEW: "too little would be new",
    Reason.PERIOD_OVER: "that period is over",
    Reason.NOT_BEGUN: "the offer has not begun",
    Reason.RUN_OVER: "the offer is over",
    Reason.ONBOARDING: "still finding its way",
    Reason.OPEN_TICKET: "waits for support",
    Reason.PAYMENT_FAILED: "a payment failed",
    Reason.CANCELLING: "is about to leave",
    Reason.RENEWAL_WEEK: "renews this week",
    Reason.QUIET: "is left alone for now",
    Reason.NOT_BEFORE: "too early: too little used yet",
    Reason.DISENGAGED: "hardly uses it",
    Reason.CAPPED: "had enough offers for now",
    Reason.BACK_OFF: "said no too often",
    Reason.TASK_OPEN: "a task about it is open",
    Reason.DISMISSED: "said no to such an offer",
    Reason.PLACEMENT_TAKEN: "another offer has the place",
    Reason.OUTSCORED: "another offer was better",
    Reason.IN_BUNDLE: "a bundle has it",
    Reason.HELD_OUT: "is held out",
}
"""What keeps an account from an offer, in words for people who did not write the playbook; short, for labels."""

HUNDRED: Final = 100
TENTH: Final = Decimal("0.1")
CENT: Final = Decimal("0.01")


def percent(share: Decimal | None) -> str:
    """``104.2 %``."""
    return NOT_KNOWN if share is None else f"{(share * HUNDRED).quantize(TENTH)} %"


def amounted(amount: Decimal) -> str:
    """``1,012.50``."""
    return f"{amount.quantize(CENT):,}"


def money(amount: Decimal | None, currency: str) -> str:
    """``12.50 USD``."""
    return NOT_KNOWN if amount is None else f"{amounted(amount)} {currency}"


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
