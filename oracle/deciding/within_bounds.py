"""Stage 3: has the account heard enough, or said no?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle import days
from oracle.deciding import asking
from oracle.deciding.candidate import Withheld
from oracle.deciding.values import Values
from oracle.life import fit_made
from oracle.meters.apart import mark
from oracle.times import minute

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.deciding.candidate import Candidate
    from oracle.detecting.scene import Scene
    from oracle.language.guarding import Cap
    from oracle.state import Account, Made, Open

DISENGAGED: Final = "disengaged"
FOR_THEM: Final = ("nurture", "task")
MOST_DOUBLED: Final = 10
MAX_COUNTED: Final = 128
"""Offers made that an account remembers for its caps."""

MAX_TASKS: Final = 16
"""Tasks of one account that can be open."""


def within_bounds(candidate: Candidate, scene: Scene) -> Withheld | None:
    """Who it is not for, what a no closed, back-off, caps. A higher step of an open offer was counted already."""
    is_step = replaced(candidate, scene.account) is not None
    if candidate.offer.verb == "task":
        return None if is_step else _task_open(candidate, scene)
    found = None if candidate.offer.verb in FOR_THEM else _disengaged(scene)
    found = found or closed(candidate.offer.family, candidate.fired.step, scene)
    if found is not None or is_step:
        return found
    return _backing_off(candidate, scene) or _capped(candidate, scene)


def replaced(candidate: Candidate, account: Account) -> Open | None:
    """The open offer of a lower step of the same moment, whose place the candidate would take."""
    offer, fired = candidate.offer, candidate.fired
    for held in account.open():
        same = held.offer == offer.name and held.moment == fired.moment.name and held.user == fired.user
        if same and fired.step is not None and held.step is not None and held.step < fired.step:
            return held
    return None


def closed(family: str, step: Decimal | None, scene: Scene) -> Withheld | None:
    """Whether a no has closed the family."""
    no = scene.account.closed.get(family)
    if no is None:
        return None
    if no.step is not None:
        return None if step is not None and step > no.step else Withheld("dismissed", "until a higher step")
    if no.until is None:
        return Withheld("dismissed", "for good")
    return Withheld("dismissed", f"until {minute(no.until)}", until=no.until) if no.until > scene.now else None


def _disengaged(scene: Scene) -> Withheld | None:
    """To those who do not use the product nothing is sold; nor to those who perhaps do not."""
    values = Values(scene)
    for name, level in scene.rules.product.levels.items():
        if DISENGAGED not in level.words:
            continue
        word, verdict = values.level(name)
        if word is None:
            return asking.unknown(name, verdict, values, scene)
        if word == DISENGAGED:
            return Withheld(DISENGAGED, name)
    return None


def _task_open(candidate: Candidate, scene: Scene) -> Withheld | None:
    """One open task for each moment, and not too many of all."""
    tasks = [offer for offer in scene.account.open() if offer.verb == "task"]
    for offer in tasks:
        if offer.moment == candidate.fired.moment.name:
            return Withheld("task_open", offer.offer)
    return Withheld("task_open", f"{MAX_TASKS} tasks are open") if len(tasks) >= MAX_TASKS else None


def _backing_off(candidate: Candidate, scene: Scene) -> Withheld | None:
    """After so many noes in a row the account is left alone, twice as long with each one more."""
    bound, noes = scene.rules.bounds[candidate.offer.playbook].back_off, scene.account.noes
    if bound is None or noes.count < bound.after:
        return None
    until = noes.at + bound.wait * 2 ** min(noes.count - bound.after, MOST_DOUBLED)
    told = f"{noes.count} in a row, until {minute(until)}"
    return Withheld("back_off", told, until=until) if until > scene.now else None


# --- caps -------------------------------------------------------------------------------------------


def _capped(candidate: Candidate, scene: Scene) -> Withheld | None:
    """The first cap that has no room left."""
    for cap in scene.rules.bounds[candidate.offer.playbook].caps:
        if not _binds(cap, candidate, scene):
            continue
        times = _times(cap, candidate, scene)
        if len(times) >= cap.at_most:
            told = f"{len(times)} of {cap.at_most} for each {cap.each}"
            return Withheld("capped", told, until=_until(cap, times, scene))
    return None


def _binds(cap: Cap, candidate: Candidate, scene: Scene) -> bool:
    """Whether it is about this offer and this account; where nobody can tell of the account, it is."""
    other_verb = cap.of is not None and cap.of != candidate.offer.verb
    if other_verb or (cap.each == "user" and candidate.fired.user is None):
        return False
    return cap.who is None or Values(scene).judge(cap.who).truth is not False


def _times(cap: Cap, candidate: Candidate, scene: Scene) -> list[int]:
    """When the offers were made that count for this one."""
    since = scene.now - cap.per + 1
    if cap.calendar is not None:
        clocks = scene.account.clocks()
        since = days.start_of_day(days.first_day(cap.calendar, scene.now, clocks), clocks)
    lately = [made for made in scene.account.made if made.at >= since and cap.of in (None, made.verb)]
    offer, user = candidate.offer, candidate.fired.user
    match cap.each:
        case "offer":
            lately = [made for made in lately if made.offer == offer.name]
        case "family":
            lately = [made for made in lately if made.family == offer.family]
        case "placement":  # of its placements the fullest
            places = [[made for made in lately if place in made.placements] for place in offer.placements]
            lately = max(places, key=len)
        case "user" if user is not None:
            lately = [made for made in lately if made.user == user or mark(user) in made.shown_to]
        case _:
            pass
    return [made.at for made in lately]


def _until(cap: Cap, times: list[int], scene: Scene) -> int | None:
    """When there is room for one again."""
    if not cap.at_most:
        return None
    if cap.calendar is not None:
        return days.end_of(cap.calendar, scene.now, scene.account.clocks())
    return times[len(times) - cap.at_most] + cap.per


def count_made(made: Made, scene: Scene) -> None:
    """One more offer was made; those that no cap counts any more are forgotten."""
    account = scene.account
    longest = max((cap.per for bounds in scene.rules.bounds.values() for cap in bounds.caps), default=0)
    account.made = [*[held for held in account.made if held.at > scene.now - longest][-MAX_COUNTED:], made]
    fit_made(account)
