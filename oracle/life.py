"""The life of an offer: what people did with it, its time running out, its being taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oracle.messages import Refused
from oracle.meters.apart import mark
from oracle.moments.others import Judged
from oracle.numbers import ZERO
from oracle.state import Closed, Noes, size
from oracle.telling import Event, known, offer_event, outcome
from oracle.times import DAY, told

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.detecting.scene import Scene
    from oracle.messages import Message
    from oracle.state import Account, Open

MAX_CLOSED: Final = 64
MADE_BYTES: Final = 6 * 1024
MAX_SHOWN_TO: Final = 8
FINAL: Final = ("accepted", "dismissed")
SNOOZE: Final = DAY
MONTH: Final = 30 * DAY


class Changes(NamedTuple):
    """What there is to tell, and what was judged of offers, for moments that wait for that."""

    events: list[Event]
    judged: list[Judged]


# --- what people do ---------------------------------------------------------------------------------


def respond(scene: Scene, response: Message) -> Changes:
    """Judge a response; raises `Refused` when the account never had the offer. Nobody has one that is held out."""
    account, data = scene.account, response.data
    offer = next((one for one in account.offers if one.offer_id == data["offer"] and not one.held_out), None)
    if offer is None:
        raise Refused("unknown_offer")
    change: str = data["response"]
    at = max(offer.made_at, min(response.at, scene.now))
    if change == "presented" and data["user"] is not None:
        _shown_to(account, offer.offer_id, mark(data["user"]))
    if not _counts(offer, change, at):
        return Changes([], [])
    if offer.verb != "task":
        _meant(account, offer, change, at)
    offer.sequence += 1
    if change not in offer.seen:
        offer.seen = (*offer.seen, change)
    by = {"user": data["user"], "placement": data["placement"], "option": data["option"]}
    what = known(sequence=offer.sequence, offer_id=offer.offer_id, at=told(at), response_id=response.id, **by)
    if change == "snoozed":
        offer.snoozed_until = at + SNOOZE
        what["until"] = told(offer.snoozed_until)
    event = offer_event(scene, f"offer_{change}", offer, what)
    if change in FINAL:
        offer.over, offer.happened = change, None
    judged = Judged(offer.offer, offer.offer_id, change, offer.made_at, at, presented=True)
    return Changes([event, outcome(scene, offer, change, at, by=by.pop("user"), **by)], [judged])


def _counts(offer: Open, change: str, at: int) -> bool:
    """Each kind counts once; the first final word holds; a snooze counts again once the last one has ended."""
    if change == "snoozed":
        return offer.over is None and (offer.snoozed_until is None or offer.snoozed_until <= at)
    if change in FINAL and offer.over in FINAL:
        return False
    return change not in offer.seen


def _shown_to(account: Account, offer_id: str, user: int) -> None:
    """One more user has seen an offer to the whole account."""
    for place, made in enumerate(account.made):
        if made.offer_id == offer_id and made.user is None and user not in made.shown_to:
            shown_to = (*made.shown_to, user)[:MAX_SHOWN_TO]
            account.made[place] = type(made)(
                made.at, made.offer_id, made.offer, made.family, made.placements, made.verb, made.user, shown_to
            )
    fit_made(account)


def fit_made(account: Account) -> None:
    """Forget the oldest offers made while they take too many bytes; never the newest."""
    while len(account.made) > 1 and size(account.made) > MADE_BYTES:
        account.made = account.made[1:]


def _meant(account: Account, offer: Open, change: str, at: int) -> None:
    """What a yes or a no means beyond its offer."""
    if change == "accepted":
        account.noes = Noes()
    if change != "dismissed":
        return
    _close(account, offer, at)
    if offer.over != "expired" or not offer.seen:  # else it was ignored, and counted then
        _no_more(account, at)


def _no_more(account: Account, at: int) -> None:
    account.noes = Noes(account.noes.count + 1, max(at, account.noes.at))


def _close(account: Account, offer: Open, at: int) -> None:
    """Shut the family; of two noes the stricter holds."""
    said = _said(offer, at)
    before = account.closed.get(offer.family)
    if before is None or _strictness(said) > _strictness(before):
        account.closed[offer.family] = said
    while len(account.closed) > MAX_CLOSED:
        del account.closed[min(account.closed, key=lambda name: (account.closed[name].at, name))]


def _said(offer: Open, at: int) -> Closed:
    """What the contract of the offer says that a no means."""
    if offer.no_rule == "higher_step":
        return Closed(at, step=offer.step)
    if offer.no_for is None:
        return Closed(at)
    if offer.no_rule != "next_period":
        return Closed(at, until=at + offer.no_for)
    begins = offer.made_at + offer.no_for
    return Closed(at, until=begins if begins > at else at + MONTH)


def _strictness(closed: Closed) -> tuple[bool, bool, Decimal, int]:
    for_ever = closed.until is None and closed.step is None
    return for_ever, closed.step is not None, closed.step or ZERO, closed.until or 0


# --- ends that nobody chose -------------------------------------------------------------------------


def expire(scene: Scene, offer: Open) -> Changes:
    """Its time has run out. Seen by then, it was ignored; seen by nobody, it costs nothing."""
    seen = offer.held_out or bool(offer.seen)
    if not seen:
        _give_back(scene.account, offer)
    elif offer.verb != "task":
        _no_more(scene.account, offer.expires_at)
    return _end(scene, offer, "expired", offer.expires_at, {})


def revoke(scene: Scene, offer: Open, why: str, at: int) -> Changes:
    """Take it back; the caps count it no more, unless it was shown to nobody."""
    if not offer.held_out:
        _give_back(scene.account, offer)
    return _end(scene, offer, "revoked", at, {"reason": why})


def _give_back(account: Account, offer: Open) -> None:
    account.made = [made for made in account.made if made.offer_id != offer.offer_id]


def _end(scene: Scene, offer: Open, how: str, at: int, why: dict[str, str]) -> Changes:
    offer.sequence += 1
    offer.over, offer.happened = how, None
    what: dict[str, Any] = {"sequence": offer.sequence, "offer_id": offer.offer_id, "at": told(at), **why}
    events = [] if offer.held_out else [offer_event(scene, f"offer_{how}", offer, what)]
    presented = offer.held_out or bool(offer.seen)
    judged = Judged(offer.offer, offer.offer_id, how, offer.made_at, at, presented)
    return Changes([*events, outcome(scene, offer, how, at, **why)], [judged])
