"""The life of an offer: what people did with it, its time running out, its being taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oracle.messages import Refused
from oracle.numbers import ZERO
from oracle.state import Closed
from oracle.telling import Event, known, offer_event, outcome
from oracle.times import DAY, told

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.messages import Message
    from oracle.state import Account, Open
    from oracle.telling import Situation

MAX_CLOSED: Final = 64
FINAL: Final = ("accepted", "dismissed")
SNOOZE: Final = DAY


def respond(situation: Situation, response: Message) -> list[Event]:
    """Judge a response; raises `Refused` when the account never had the offer."""
    account, data = situation.account, response.data
    offer = next((held for held in account.offers if held.offer_id == data["offer"]), None)
    if offer is None:
        raise Refused("unknown_offer")
    change: str = data["response"]
    at = max(offer.made_at, min(response.at, situation.now))
    if not _counts(offer, change, at):
        return []
    offer.sequence += 1
    if change not in offer.seen:
        offer.seen = (*offer.seen, change)
    what = known(
        sequence=offer.sequence,
        offer_id=offer.offer_id,
        at=told(at),
        user=data["user"],
        placement=data["placement"],
        option=data["option"],
        response_id=response.id,
    )
    if change == "snoozed":
        offer.snoozed_until = at + SNOOZE
        what["until"] = told(offer.snoozed_until)
    event = offer_event(situation, f"offer_{change}", offer, what)
    if change in FINAL:
        offer.over = change
    if change == "dismissed":
        _close(account, offer, at)
    by = {"by": data["user"], "placement": data["placement"], "option": data["option"]}
    return [event, outcome(situation, offer, change, at, **by)]


def _counts(offer: Open, change: str, at: int) -> bool:
    """Each kind counts once; the first final word holds; a snooze counts again once the last one has ended."""
    if change == "snoozed":
        return offer.over is None and (offer.snoozed_until is None or offer.snoozed_until <= at)
    if change in FINAL and offer.over in FINAL:
        return False
    return change not in offer.seen


def _close(account: Account, offer: Open, at: int) -> None:
    """Shut the family; of two noes the stricter holds."""
    if offer.no_rule == "higher_step":
        said = Closed(at, step=offer.step)
    else:
        said = Closed(at, until=None if offer.no_for is None else at + offer.no_for)
    before = account.closed.get(offer.family)
    if before is None or _strictness(said) > _strictness(before):
        account.closed[offer.family] = said
    while len(account.closed) > MAX_CLOSED:
        del account.closed[min(account.closed, key=lambda name: (account.closed[name].at, name))]


def _strictness(closed: Closed) -> tuple[bool, bool, Decimal, int]:
    for_ever = closed.until is None and closed.step is None
    return for_ever, closed.step is not None, closed.step or ZERO, closed.until or 0


def expire(situation: Situation, reached: int) -> list[Event]:
    """End every offer whose time has run out, in the order in which it did."""
    account = situation.account
    events = []
    for offer in sorted(account.open(), key=lambda held: (held.expires_at, held.offer_id)):
        if offer.expires_at <= reached:
            _end(account, offer, "expired", give_back=not offer.seen)
            what = {"sequence": offer.sequence, "offer_id": offer.offer_id, "at": told(offer.expires_at)}
            events.append(offer_event(situation, "offer_expired", offer, what))
            events.append(outcome(situation, offer, "expired", offer.expires_at))
    return events


def why_gone(offer: Open, situation: Situation) -> str | None:
    """Why the set in force does not make an offer any more; None when it does."""
    if offer.offer in situation.rules.paused:
        return "paused"
    return None if offer.offer in situation.rules.offers else "withdrawn"


def revoke_gone(situation: Situation) -> list[Event]:
    """Take back what the set in force does not make any more, oldest first."""
    events = []
    for offer in situation.account.open():
        why = why_gone(offer, situation)
        if why is not None:
            _end(situation.account, offer, "revoked", give_back=True)
            now = situation.now
            what: dict[str, Any] = {"sequence": offer.sequence, "offer_id": offer.offer_id, "at": told(now)}
            events.append(offer_event(situation, "offer_revoked", offer, what | {"reason": why}))
            events.append(outcome(situation, offer, "revoked", now, reason=why))
    return events


def _end(account: Account, offer: Open, how: str, *, give_back: bool) -> None:
    offer.sequence += 1
    offer.over = how
    if give_back:
        account.made = [made for made in account.made if made.offer_id != offer.offer_id]
