"""The states in which an account is left alone: which holds now, and when it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from oracle.deciding.values import term_at
from oracle.ids import Part
from oracle.moments import onboarding
from oracle.moments import state as kept
from oracle.state import Account
from oracle.times import DAY, minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracle.detecting.scene import Scene
    from oracle.language.moment import Onboarding
    from oracle.state import Slice

WEEK = 7 * DAY


class State(NamedTuple):
    """It is so (``ended`` is None), or ended then; ``told`` in words. ``until``: when it ends, if that is known."""

    told: str | None = None
    ended: int | None = None
    until: int | None = None


def state_of(name: str, scene: Scene, user: str | None) -> State | None:
    """What counts of all that can be said of a state: the first that holds, else what ended last."""
    found = list(_all(name, scene, user))
    holding = [state for state in found if state.ended is None]
    return holding[0] if holding else max(found, key=lambda state: state.ended or 0, default=None)


def _all(name: str, scene: Scene, user: str | None) -> Iterator[State]:
    match name:
        case "onboarding":
            yield from _onboardings(scene, user)
        case "open_ticket":
            yield from _tickets(scene)
        case "renewal_week":
            yield from _renewal(scene)
        case _:
            known = scene.account.facts.get(name)
            if known is not None:
                yield State(None, None if known.value is True else known.at)


def _tickets(scene: Scene) -> Iterator[State]:
    for slot, known in sorted(scene.account.facts.items()):
        if slot.startswith("ticket:"):
            is_open, ticket = known.value is True, slot.removeprefix("ticket:")
            told = f"#{ticket} {'opened' if is_open else 'closed'} {minute(known.at)}"
            yield State(told, None if is_open else known.at)


def _renewal(scene: Scene) -> Iterator[State]:
    """The seven days before the term ends."""
    begun, ends = term_at(scene, scene.now)
    if ends is not None and scene.now >= ends - WEEK:
        yield State(f"the term ends {minute(ends)}", until=ends)
    if begun is not None and begun != scene.account.since.get("term"):
        yield State(f"the term ended {minute(begun)}", begun)


# --- onboarding -------------------------------------------------------------------------------------


def _onboardings(scene: Scene, user: str | None) -> Iterator[State]:
    """Of the account, with each product, of the user."""
    account = scene.account
    yield from _of("the account", account, None, scene)
    told = {
        slot.removeprefix("onboarding:product:") for slot in account.facts if slot.startswith("onboarding:product:")
    }
    watched = {moment.product for moment in scene.rules.onboardings if moment.product is not None}
    for product in sorted(told | watched):
        yield from _of(f"with {product}", account, product, scene)
    if user is not None:
        yield from _of("the user", scene.holder(Part(user)), None, scene)


def _of(told: str, holder: Slice, product: str | None, scene: Scene) -> Iterator[State]:
    """The customer's own word goes before what was detected."""
    known = holder.facts.get("onboarding" if product is None else f"onboarding:product:{product}")
    if known is not None:
        yield State(told, None if known.value == onboarding.STARTED else known.at)
        return
    for moment in scene.rules.onboardings:
        if moment.of_user is not isinstance(holder, Account) and moment.product == product:
            yield from _detected(told, moment, holder, scene)


def _detected(told: str, moment: Onboarding, holder: Slice, scene: Scene) -> Iterator[State]:
    state = holder.moments.get(moment.name)
    if isinstance(state, kept.Onboarding | kept.OrderedOnboarding):
        if state.status == onboarding.STARTED:
            yield State(told)
            return
        ended = onboarding.ended_at(moment, state, scene.began)
        if ended is not None:
            yield State(told, ended)
