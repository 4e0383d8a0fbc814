"""Account facts folded into an account: the newest by event time holds, in whatever order they arrive."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from schemas.dead_letters import DeadLetterReason
from schemas.facts import (
    AccountClosed,
    AccountCreated,
    AccountErased,
    AttributeSet,
    CancelRequested,
    CancelWithdrawn,
    Fact,
    LimitSet,
    MeterSet,
    Onboarding,
    OnboardingAbandoned,
    OnboardingCompleted,
    OnboardingStarted,
    PaymentFailed,
    PaymentRecovered,
    PeriodStarted,
    PlanChanged,
    ProductBought,
    ProductEnded,
    SeatsChanged,
    TicketClosed,
    TicketOpened,
)
from services.trigger_engine.domain.account import AccountSlice, Known
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.moments.onboarding import OnboardingStatus

MAX_FACTS: Final = 256
"""Facts kept of one account, tickets apart; about 16 KiB of a slice. One more is refused, and so told to its sender."""

MAX_TICKETS: Final = 64
"""Tickets kept of one account. At the bound the one closed longest ago is forgotten, else the one opened first."""

TICKET: Final = "ticket:"

Told = tuple[str, str | bool | int | Period | Decimal]
"""Slot of the fact and its value."""


def fold(account: AccountSlice, fact: Fact) -> tuple[str, ...]:
    """Take ``fact`` into ``account``; returns the slots it changed, none when all it says was known or older.

    Raises `Impossible` when the account would have more facts than are kept; nothing has changed then.
    """
    at = to_us(fact.time)
    newer = [(slot, value) for slot, value in told_by(fact) if _is_newer(account.facts.get(slot), at, fact.id)]
    fresh = [slot for slot, _ in newer if slot not in account.facts and not slot.startswith(TICKET)]
    if fresh and len(fresh) + _kept(account) > MAX_FACTS:
        raise Impossible(
            DeadLetterReason.INVALID, f"data: the account has {MAX_FACTS} facts already, and more are not kept"
        )
    for slot, value in newer:
        account.facts[slot] = (
            Known(at, fact.id, None, value) if isinstance(value, Decimal) else Known(at, fact.id, value)
        )
    _forget_tickets(account)
    return tuple(slot for slot, _ in newer)


def told_by(fact: Fact) -> Iterator[Told]:  # noqa: C901, PLR0912 - one branch a fact: the union is closed
    """What ``fact`` says, slot by slot."""
    match fact:
        case AccountCreated():
            yield "created", True
            yield from _profile(fact)
        case PlanChanged():
            yield "plan", fact.data.plan
            yield from _given(("term", fact.data.term), ("seats", fact.data.seats), ("price", fact.data.price))
        case SeatsChanged():
            yield "seats", fact.data.seats
        case ProductBought() | ProductEnded():
            yield f"product:{fact.data.product}", isinstance(fact, ProductBought)
        case AttributeSet():
            yield from _given((f"attribute:{fact.data.name}", fact.data.value))
        case LimitSet():
            yield f"limit:{fact.data.meter}", fact.data.value
        case MeterSet():
            yield f"baseline:{fact.data.meter}", fact.data.value
        case PeriodStarted():
            yield "period", Period(to_us(fact.data.starts), to_us(fact.data.ends))
        case TicketOpened() | TicketClosed():
            yield TICKET + fact.data.ticket, isinstance(fact, TicketOpened)
        case PaymentFailed() | PaymentRecovered():
            yield "payment_failed", isinstance(fact, PaymentFailed)
        case CancelRequested() | CancelWithdrawn() | AccountClosed():
            yield "cancelling", not isinstance(fact, CancelWithdrawn)
        case OnboardingStarted():
            yield onboarding_slot(fact.data), OnboardingStatus.STARTED.value
        case OnboardingCompleted():
            yield onboarding_slot(fact.data), OnboardingStatus.COMPLETED.value
        case OnboardingAbandoned():
            yield onboarding_slot(fact.data), OnboardingStatus.ABANDONED.value
        case AccountErased():
            yield "erased", True


def onboarding_slot(of: Onboarding) -> str:
    """Slot of an onboarding: of the account, of one user, or of one product."""
    if of.user is not None:
        return f"onboarding:user:{of.user}"
    return "onboarding" if of.product is None else f"onboarding:product:{of.product}"


def _profile(fact: AccountCreated) -> Iterator[Told]:
    profile = fact.data
    yield from _given(
        ("plan", profile.plan),
        ("term", profile.term),
        ("seats", profile.seats),
        ("locale", profile.locale),
        ("zone", profile.zone),
    )
    yield from _given(*((f"attribute:{name}", value) for name, value in profile.attributes.items()))


def _given(*pairs: tuple[str, str | bool | int | Decimal | None]) -> Iterator[Told]:
    for slot, value in pairs:
        if value is not None:
            yield slot, value


def _is_newer(known: Known | None, at: int, fact_id: str) -> bool:
    return known is None or (at, fact_id) > (known.at, known.id)


def _kept(account: AccountSlice) -> int:
    return sum(not slot.startswith(TICKET) for slot in account.facts)


def _forget_tickets(account: AccountSlice) -> None:
    tickets = [
        (known.value is True, known.at, slot) for slot, known in account.facts.items() if slot.startswith(TICKET)
    ]
    for _, _, slot in sorted(tickets)[: max(0, len(tickets) - MAX_TICKETS)]:
        del account.facts[slot]
