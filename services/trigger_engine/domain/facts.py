"""Account facts folded into an account: the newest by event time holds, in whatever order they arrive."""

from collections.abc import Collection, Container, Iterator, Mapping
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
from services.trigger_engine.domain.account import BOUGHT, ENDED, PRODUCT, AccountSlice, Known, UserSlice
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.moments.onboarding import OnboardingStatus

MAX_FACTS: Final = 256
"""Facts with a name of their own (attributes, products, limits, baselines) kept of one account."""

MAX_FACTS_BYTES: Final = 10 * 1024
"""Bytes of them, a sixth of what a slice may have. One more is refused, and so told to its sender."""

MAX_TICKETS: Final = 64
"""Tickets kept of one account. At the bound the one closed longest ago is forgotten, else the one opened first."""

MAX_TICKETS_BYTES: Final = 3 * 1024
"""Bytes of them: 64 of the usual 48, and fewer when their ids are long."""

MAX_SEATS: Final = 1_000_000_000
"""Seats of one account; a number that a slice can hold and a limit can be multiplied by."""

FIELDS_BYTES: Final = 20
"""Of a fact as it is stored, beside its slot, id and value."""

TICKET: Final = "ticket:"

TERM_OF: Final = "term:"
PRICE_OF: Final = "price:"
"""Before the slot of a purchase: the term it is paid for, and a price of the account's own."""

TIMED: Final = ("plan", "term")
"""Slots of which it is kept since when they say what they say."""

ONBOARDING_WITH: Final = "onboarding:product:"
"""Begins the slot of an onboarding with a product."""

Told = tuple[str, str | bool | int | Period | Decimal | None]
"""Slot of the fact and its value."""


def fold(holder: AccountSlice | UserSlice, fact: Fact, repeats: Container[str] = ()) -> tuple[str, ...]:
    """Take ``fact`` into the account or user it is about; returns the slots it changed, none when all was known.

    ``repeats`` are the products that can be bought again. Raises `Impossible` when it can not be true, or is more than
    is kept; nothing has changed then.
    """
    _refuse_impossible(fact)
    at, held = to_us(fact.time), holder.facts
    newer = {
        slot: Known(at, fact.id, None, value) if isinstance(value, Decimal) else Known(at, fact.id, value)
        for slot, value in told_by(fact, repeats)
        if _is_newer(held.get(slot), at, fact.id) and not _is_over(held, fact)
    }
    after = _without_ended(held | newer, fact)
    if any(_is_named(slot) for slot in newer):
        named = {slot: known for slot, known in after.items() if _is_named(slot)}
        if len(named) > MAX_FACTS or _bytes(named) > MAX_FACTS_BYTES:
            told = f"data: at most {MAX_FACTS} facts and {MAX_FACTS_BYTES} bytes of them are kept of an account"
            raise Impossible(DeadLetterReason.INVALID, told)
    _forget_tickets(after)
    if isinstance(holder, AccountSlice):
        holder.since.update({slot: at for slot in TIMED if slot in newer and _is_news(held.get(slot), newer[slot])})
    holder.facts = after
    return tuple(newer)


def tickets_forgotten(before: Mapping[str, Known], changed: Collection[str], after: Mapping[str, Known]) -> int:
    """How many tickets there was no room for, when `fold` ``changed`` these slots."""
    if not any(slot.startswith(TICKET) for slot in changed):
        return 0
    return sum(slot.startswith(TICKET) and slot not in after for slot in {*before, *changed})


def whose(fact: Fact) -> str | None:
    """The user that ``fact`` is about; None when it is about the account."""
    if isinstance(fact, OnboardingStarted | OnboardingCompleted | OnboardingAbandoned):
        return fact.data.user
    return None


def _refuse_impossible(fact: Fact) -> None:
    seats = fact.data.seats if isinstance(fact, AccountCreated | PlanChanged | SeatsChanged) else None
    if seats is not None and seats > MAX_SEATS:
        raise Impossible(DeadLetterReason.INVALID, f"data.seats: more than {MAX_SEATS}")
    if isinstance(fact, PeriodStarted) and fact.data.ends <= fact.data.starts:
        raise Impossible(DeadLetterReason.INVALID, "data.ends: not after data.starts")


def told_by(fact: Fact, repeats: Container[str]) -> Iterator[Told]:  # noqa: C901, PLR0912 - one branch a fact
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
        case ProductBought():
            yield from _bought(fact, repeats)
        case ProductEnded():
            yield PRODUCT + fact.data.product, False
            yield from [(ENDED + fact.data.product, True)] if fact.data.product in repeats else []
        case AttributeSet():
            yield f"attribute:{fact.data.name}", fact.data.value
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
    """Slot of an onboarding, of the account or user that holds it: as a whole, or with one product."""
    return "onboarding" if of.product is None else ONBOARDING_WITH + of.product


def _profile(fact: AccountCreated) -> Iterator[Told]:
    profile = fact.data
    yield from _given(
        ("plan", profile.plan),
        ("term", profile.term),
        ("seats", profile.seats),
        ("locale", profile.locale),
        ("zone", profile.zone),
    )
    yield from ((f"attribute:{name}", value) for name, value in profile.attributes.items())


def _bought(fact: ProductBought, repeats: Container[str]) -> Iterator[Told]:
    """That it is owned; and of what can be bought again, each purchase by itself."""
    bought = fact.data
    slot = PRODUCT + bought.product
    yield slot, True
    if bought.product in repeats:
        slot = f"{BOUGHT}{bought.product}:{fact.id}"
        yield slot, bought.product
    yield from _given((TERM_OF + slot, bought.term), (PRICE_OF + slot, bought.price))


def _given(*pairs: tuple[str, str | bool | int | Decimal | None]) -> Iterator[Told]:
    for slot, value in pairs:
        if value is not None:
            yield slot, value


def _is_newer(known: Known | None, at: int, fact_id: str) -> bool:
    return known is None or (at, fact_id) > (known.at, known.id)


def _is_over(held: Mapping[str, Known], fact: Fact) -> bool:
    """Whether it is a purchase of something that ended since, also when it is told after that."""
    ended = held.get(ENDED + fact.data.product) if isinstance(fact, ProductBought) else None
    return not _is_newer(ended, to_us(fact.time), fact.id)


def _without_ended(held: dict[str, Known], fact: Fact) -> dict[str, Known]:
    """What is left when all purchases of a product have ended."""
    if not isinstance(fact, ProductEnded):
        return held
    ended = held.get(ENDED + fact.data.product)
    gone = [
        slot
        for slot, known in held.items()
        if slot.startswith(BOUGHT) and known.value == fact.data.product and not _is_newer(ended, known.at, known.id)
    ]
    parts = {part for slot in gone for part in (slot, TERM_OF + slot, PRICE_OF + slot)}
    return {slot: known for slot, known in held.items() if slot not in parts}


def _is_news(before: Known | None, now: Known) -> bool:
    return before is None or before.value != now.value


def _is_named(slot: str) -> bool:
    """Whether the sender of facts can make as many slots of this kind as they like. Tickets are bounded otherwise."""
    return ":" in slot and not slot.startswith(TICKET)


def _bytes(held: Mapping[str, Known]) -> int:
    return sum(
        FIELDS_BYTES + len(slot.encode()) + len(known.id.encode()) + len(str(known.value).encode())
        for slot, known in held.items()
    )


def _forget_tickets(held: dict[str, Known]) -> None:
    tickets = {slot: known for slot, known in held.items() if slot.startswith(TICKET)}
    oldest = sorted((known.value is True, known.at, slot) for slot, known in tickets.items())
    for _, _, slot in oldest:
        if len(tickets) <= MAX_TICKETS and _bytes(tickets) <= MAX_TICKETS_BYTES:
            return
        del held[slot], tickets[slot]
