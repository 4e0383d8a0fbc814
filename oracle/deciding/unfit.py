"""Whether an open offer still fits the account, and the set in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oracle.chance import seed
from oracle.deciding.candidate import Candidate
from oracle.deciding.eligible import eligible, options
from oracle.deciding.holding import recalled
from oracle.deciding.meant import answered, ends_at, over_at, still
from oracle.deciding.states import WEEK, state_of
from oracle.deciding.suitable import ALL_STATES, QUIET, UNBOUND
from oracle.deciding.values import Values, term_at
from oracle.deciding.within_bounds import closed
from oracle.deciding.wording import meter_of
from oracle.language import moment as kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.offer import Offer
    from oracle.language.rules import Rules
    from oracle.state import Open

NO_MORE: Final = {
    "owned": "owned",
    "top_rung": "plan_changed",
    "not_adjacent": "plan_changed",
    "not_on_ladder": "plan_changed",
    "lifts_nothing": "plan_changed",
    "nothing_fits": "plan_changed",
    "too_little_new": "plan_changed",
}
"""What another plan, term, number of seats or product makes of an offer that made sense before."""

OF_A_LIMIT: Final = (kinds.Limit, kinds.Attempt)


def why_unfit(offer: Open, scene: Scene) -> str | None:
    """Why it is to be taken back. What is shown to nobody stays until its time is out."""
    return None if offer.held_out else next(_all_unfit(offer, scene), None)


def made_no_more(offer: Open, rules: Rules) -> str | None:
    """Why the set has it taken back, whatever the account is."""
    if offer.held_out:
        return None
    return "paused" if offer.offer in rules.paused else "withdrawn" if offer.offer not in rules.offers else None


def ends_by_time(offer: Open, scene: Scene) -> list[tuple[int, str]]:
    """When it will have to be taken back though nothing happens, and why."""
    definition = scene.rules.offers.get(offer.offer)
    if definition is None or offer.held_out:
        return []
    fired = fired_of(offer, scene)
    of_a_limit = fired is not None and isinstance(fired.moment, OF_A_LIMIT)
    times = [
        (over_at(definition, scene), "run_over"),
        (ends_at(fired.moment, fired.period, scene) if fired is not None and of_a_limit else None, "period_over"),
        (_renewal_week(offer, definition, scene), "renewal_week"),
    ]
    return [(max(at, offer.made_at), why) for at, why in times if at is not None]


def basis_of(fired: Fired, scene: Scene) -> int:
    """What the account has, as far as an offer at this moment stands on it, as one number."""
    account, product, meter = scene.account, scene.rules.product, meter_of(fired)
    limit = None if meter is None else account.limit(meter, product)
    has = (account.plan(product), account.term(), account.seats(), limit)
    return seed("basis", *("" if part is None else str(part) for part in has), *account.owned())


def shown_by(target: str | None, shown: Sequence[dict[str, Any]]) -> int:
    """What an offer puts before the account, as one number."""
    return seed("shown", target or "", *(word for option in shown for word in (option["id"], *option["items"])))


def fired_of(offer: Open, scene: Scene) -> Fired | None:
    """The moment that earned it."""
    return None if offer.happened is None else recalled(offer.happened, scene)


def _all_unfit(offer: Open, scene: Scene) -> Iterator[str]:
    definition = scene.rules.offers.get(offer.offer)
    gone = made_no_more(offer, scene.rules)
    if gone is not None:
        yield gone
    if definition is None:
        return
    yield from (why for at, why in ends_by_time(offer, scene) if at <= scene.now)
    if definition.verb != "task" and closed(offer.family, offer.step, scene) is not None:
        yield "dismissed"
    yield from _all_quiet(offer, definition, scene)
    fired = fired_of(offer, scene)
    if fired is None:
        return
    if isinstance(fired.moment, kinds.Absence) and answered(fired.moment, fired, scene):
        yield "undone"
    if basis_of(fired, scene) != offer.basis:
        yield from _changed(offer, definition, fired, scene)


def _all_quiet(offer: Open, definition: Offer, scene: Scene) -> Iterator[str]:
    """The states that keep such an offer away, and hold now. What is only cooling down takes nothing back."""
    bounds = scene.rules.bounds[definition.playbook].quiet
    for quiet in bounds:
        state = (
            state_of(quiet.text, scene, offer.user) if quiet.state in QUIET.get(definition.verb, ALL_STATES) else None
        )
        if state is not None and state.ended is None:
            yield quiet.text
    for quiet in () if definition.verb in UNBOUND else bounds:
        if not isinstance(quiet.state, str) and Values(scene).judge(quiet.state).holds:
            yield "quiet"


def _changed(offer: Open, definition: Offer, fired: Fired, scene: Scene) -> Iterator[str]:
    """What becomes of it with another plan, term, number of seats, product or limit."""
    if isinstance(fired.moment, OF_A_LIMIT) and still(fired, scene) is None:
        yield "plan_changed"
    candidate = Candidate(definition, fired)
    withheld = eligible(candidate, scene)
    if withheld is None:
        if shown_by(candidate.target, options(candidate, scene)) != offer.shown:
            yield "plan_changed"
    elif withheld.reason in NO_MORE:
        yield NO_MORE[withheld.reason]


def _renewal_week(offer: Open, definition: Offer, scene: Scene) -> int | None:
    quiet = [one.text for one in scene.rules.bounds[definition.playbook].quiet]
    if "renewal_week" not in quiet or "renewal_week" not in QUIET.get(definition.verb, ALL_STATES):
        return None
    _, ends = term_at(scene, offer.made_at)
    return None if ends is None or ends - WEEK <= offer.made_at else ends - WEEK
