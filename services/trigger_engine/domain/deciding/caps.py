"""Caps: how many offers an account, or one of its users, was made lately, and when that will be fewer."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from schemas.decisions import Reason
from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.account import Made
from services.trigger_engine.domain.bounds import Bound, too_many
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.meters.marks import mark
from services.trigger_engine.domain.playbook.product import MAX_COUNTED, Cap, Each
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

MADE_BYTES: Final = 6 * 1024
"""Of the offers that caps may count, as they are stored: some seventy, and fewer where many people saw each."""

MAX_SHOWN_TO: Final = 8
"""Users that an offer to the whole account is remembered to have been presented to: those to whom it was first."""


class Close(NamedTuple):
    """A cap, and the offers made in its window."""

    cap: Cap
    lately: Sequence[Made]


def capped(candidate: Candidate, near: Iterable[Close], situation: Situation) -> Withheld | None:
    """The first cap, in the order of the guardrails, that has no room left for the offer: of all that come `close`."""
    for cap, lately in near:
        if not _binds(cap, candidate, situation):
            continue
        times = _times(cap, lately, candidate)
        if len(times) >= cap.at_most:
            told = f"{len(times)} of {cap.at_most} for each {cap.each}"
            return Withheld(Reason.CAPPED, told, until=_until(cap, times, situation))
    return None


def close(playbook: str, situation: Situation) -> list[Close]:
    """The caps of a playbook that may have no room left, since so many offers were made of all that it counts."""
    all_of_them = (Close(cap, _lately(cap, situation)) for cap in situation.rules.bounds[playbook].caps)
    return [one for one in all_of_them if len(one.lately) >= one.cap.at_most]


def _binds(cap: Cap, candidate: Candidate, situation: Situation) -> bool:
    """Whether the cap is about this offer and this account; where it can not be told of the account, it is."""
    if cap.of is not None and cap.of is not candidate.offer.verb:
        return False
    if cap.each is Each.USER and candidate.passed.user is None:
        return False
    if cap.who is None:
        return True
    return values_of(situation).judge(cap.who).truth is not Truth.FALSE


def _times(cap: Cap, lately: Sequence[Made], candidate: Candidate) -> list[int]:
    """When the offers of its window were made that count for this one, ascending."""
    offer, user = candidate.offer, candidate.passed.user
    match cap.each:
        case Each.ACCOUNT:
            return [made.at for made in lately]
        case Each.OFFER:
            return [made.at for made in lately if made.offer == offer.name]
        case Each.FAMILY:
            return [made.at for made in lately if made.family == offer.family]
        case Each.PLACEMENT:  # of its placements the fullest
            places = ([made.at for made in lately if place in made.placements] for place in offer.placements)
            return max(places, key=len)
        case Each.USER:
            of_user = mark(user)
            return [made.at for made in lately if made.user == user or of_user in made.shown_to]


def _lately(cap: Cap, situation: Situation) -> Sequence[Made]:
    kept = situation.kept("caps")
    key = (cap.per_us, cap.calendar, cap.of)
    if key not in kept:
        since = situation.now - cap.per_us + 1
        if cap.calendar is not None:
            since = calendar.start_of(cap.calendar, situation.now, situation.account.zone())
        of = None if cap.of is None else cap.of.value
        kept[key] = [made for made in situation.account.made if made.at >= since and of in (None, made.verb)]
    found: Sequence[Made] = kept[key]
    return found


def _until(cap: Cap, times: Sequence[int], situation: Situation) -> int | None:
    """When so many have left the window that there is room for one; None when there never is."""
    if not cap.at_most:
        return None
    if cap.calendar is not None:
        return calendar.end_of(cap.calendar, situation.now, situation.account.zone())
    return times[len(times) - cap.at_most] + cap.per_us


def forget_counted(situation: Situation) -> None:
    """Drop what no cap counts any more, and the oldest beyond what one cap can count."""
    account, caps = situation.account, (cap for bounds in situation.rules.bounds.values() for cap in bounds.caps)
    longest = max((cap.per_us for cap in caps), default=0)
    lately = [made for made in account.made if made.at > situation.now - longest]
    account.made = lately[-MAX_COUNTED:]
    situation.reached(Bound.OFFER_UNCOUNTED, len(lately) - len(account.made))


def count(situation: Situation, made: Made) -> None:
    """One more offer was made."""
    forget_counted(situation)
    situation.account.made.append(made)
    _fit(situation)


def _fit(situation: Situation) -> None:
    gone = too_many(situation.account.made, MADE_BYTES)
    del situation.account.made[:gone]
    situation.reached(Bound.OFFER_UNCOUNTED, gone)


def presented(situation: Situation, offer_id: str, user: str | None) -> None:
    """One more user has seen an offer that was made to the whole account."""
    made_lately = situation.account.made
    for place, made in enumerate(made_lately):
        seen = user is not None and mark(user)
        if made.offer_id == offer_id and made.user is None and seen not in (False, *made.shown_to):
            made_lately[place] = replace(made, shown_to=(*made.shown_to, seen)[:MAX_SHOWN_TO])
            situation.reached(Bound.VIEWER_FORGOTTEN, len(made.shown_to) + 1 - MAX_SHOWN_TO)
    _fit(situation)
