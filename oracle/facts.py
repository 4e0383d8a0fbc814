"""Account facts: of each the newest by event time holds, among equals the one with the greater id."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from oracle.messages import Refused
from oracle.meters.state import Period
from oracle.state import Account, Known, Slice
from oracle.times import instant

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from oracle.messages import Message

MAX_FACTS: Final = 256
MAX_FACTS_BYTES: Final = 10 * 1024
MAX_TICKETS: Final = 64
MAX_TICKETS_BYTES: Final = 3 * 1024
MAX_SEATS: Final = 1_000_000_000
OVERHEAD: Final = 20
"""Bytes reckoned for a fact beside its slot, id and value."""

TRUTHS: Final = {
    "rung.payment_failed": ("payment_failed", True),
    "rung.payment_recovered": ("payment_failed", False),
    "rung.cancel_requested": ("cancelling", True),
    "rung.account_closed": ("cancelling", True),
    "rung.cancel_withdrawn": ("cancelling", False),
}
"""Facts that say all by their type."""


def told_by(fact: Message, repeats: Container[str]) -> dict[str, Any]:  # noqa: C901, PLR0911 - one branch a kind
    """What a fact says, by slot. ``repeats`` are products that can be bought again."""
    data, kind = fact.data, fact.type.removeprefix("rung.")
    if fact.type in TRUTHS:
        slot, value = TRUTHS[fact.type]
        return {slot: value}
    if kind in ("account_created", "plan_changed", "seats_changed"):
        said: dict[str, Any] = {"created": True} if kind == "account_created" else {}
        for name in ("plan", "term", "seats", "locale", "zone", "price"):
            if data.get(name) is not None:
                said[name] = data[name]
        return said | {f"attribute:{name}": value for name, value in data.get("attributes", {}).items()}
    if kind == "product_bought":
        return _bought(fact, repeats)
    if kind == "product_ended":
        ended = {f"ended:{data['product']}": True} if data["product"] in repeats else {}
        return {f"product:{data['product']}": False, **ended}
    if kind in ("ticket_opened", "ticket_closed"):
        return {f"ticket:{data['ticket']}": kind == "ticket_opened"}
    if kind == "attribute_set":
        return {f"attribute:{data['name']}": data["value"]}
    if kind in ("limit_set", "meter_set"):
        return {f"{'limit' if kind == 'limit_set' else 'baseline'}:{data['meter']}": data["value"]}
    if kind == "period_started":
        return {"period": Period(instant(data["starts"]) or 0, instant(data["ends"]) or 0)}
    return {onboarding_slot(fact): kind.removeprefix("onboarding_")}


def onboarding_slot(fact: Message) -> str:
    """Slot of the customer's own word on an onboarding, as a whole or with one product."""
    product = fact.data.get("product")
    return "onboarding" if product is None else f"onboarding:product:{product}"


def _bought(fact: Message, repeats: Container[str]) -> dict[str, Any]:
    """That it is owned; of what can be bought again, each purchase; and at which term and price."""
    product = fact.data["product"]
    slot = f"product:{product}"
    said: dict[str, Any] = {slot: True}
    if product in repeats:
        slot = f"bought:{product}:{fact.id}"
        said[slot] = product
    for name in ("term", "price"):
        if fact.data[name] is not None:
            said[f"{name}:{slot}"] = fact.data[name]
    return said


def fold(holder: Slice, fact: Message, repeats: Container[str]) -> list[str]:
    """Take ``fact`` in; returns the slots that changed. Raises `Refused` when it can not be true, or kept."""
    if (fact.data.get("seats") or 0) > MAX_SEATS:
        raise Refused("invalid")
    said = told_by(fact, repeats)
    period = said.get("period")
    if isinstance(period, Period) and period.ends <= period.starts:
        raise Refused("invalid")
    newer: dict[str, Known] = {}
    for slot, value in {} if _is_over(holder.facts, fact) else said.items():
        if _is_newer(fact, holder.facts.get(slot)):
            is_number = isinstance(value, Decimal)
            newer[slot] = Known(fact.at, fact.id, None, value) if is_number else Known(fact.at, fact.id, value)
    after = _without_ended({**holder.facts, **newer}, fact)
    if any(_is_named(slot) for slot in newer):
        named = {slot: known for slot, known in after.items() if _is_named(slot)}
        if len(named) > MAX_FACTS or _bytes(named) > MAX_FACTS_BYTES:
            raise Refused("invalid")
    _forget_tickets(after)
    if isinstance(holder, Account):
        holder.since.update(_since(holder.facts, newer))
    holder.facts = after
    return list(newer)


def _is_newer(fact: Message, known: Known | None) -> bool:
    return known is None or (fact.at, fact.id) > (known.at, known.id)


def _is_over(facts: Mapping[str, Known], fact: Message) -> bool:
    """Whether it tells of a purchase of something that has ended since."""
    bought = fact.type == "rung.product_bought"
    return bought and not _is_newer(fact, facts.get(f"ended:{fact.data['product']}"))


def _without_ended(facts: dict[str, Known], fact: Message) -> dict[str, Known]:
    """What is left when all purchases of a product have ended."""
    ended = facts.get(f"ended:{fact.data['product']}") if fact.type == "rung.product_ended" else None
    if ended is None:
        return facts
    gone = {
        slot
        for slot, known in facts.items()
        if slot.startswith("bought:")
        and known.value == fact.data["product"]
        and (known.at, known.id) <= (ended.at, ended.id)
    }
    beside = {f"{name}:{slot}" for slot in gone for name in ("term", "price")}
    return {slot: known for slot, known in facts.items() if slot not in gone | beside}


def _since(before: Mapping[str, Known], newer: Mapping[str, Known]) -> dict[str, int]:
    """Since when it is on its plan and term, however often that was told."""
    changed = [slot for slot in ("plan", "term") if slot in newer]
    return {slot: newer[slot].at for slot in changed if slot not in before or before[slot].value != newer[slot].value}


def _is_named(slot: str) -> bool:
    return ":" in slot and not slot.startswith("ticket:")


def _bytes(facts: Mapping[str, Known]) -> int:
    return sum(
        OVERHEAD + len(slot.encode()) + len(known.id.encode()) + len(str(known.value).encode())
        for slot, known in facts.items()
    )


def _forget_tickets(facts: dict[str, Known]) -> None:
    """Closed ones first, those told longest ago first."""
    tickets = {slot: known for slot, known in facts.items() if slot.startswith("ticket:")}
    while len(tickets) > MAX_TICKETS or _bytes(tickets) > MAX_TICKETS_BYTES:
        oldest = min(tickets, key=lambda slot: (tickets[slot].value is True, tickets[slot].at, slot))
        del facts[oldest], tickets[oldest]
