"""An offer is made: put into the account's hands, and told. One that is held out is kept all the same, and not told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oracle import ids, life
from oracle.deciding.arbitrating import in_the_way, variant_of
from oracle.deciding.eligible import options
from oracle.deciding.holding import remembered
from oracle.deciding.unfit import basis_of, shown_by
from oracle.deciding.values import Values
from oracle.deciding.within_bounds import count_made, replaced
from oracle.deciding.wording import content, note, signals
from oracle.state import Made, Open, size
from oracle.telling import Event, known, offer_event, outcome, text
from oracle.times import DAY, SECOND, told

if TYPE_CHECKING:
    from oracle.deciding.candidate import Candidate
    from oracle.detecting.scene import Scene

MAX_OVER: Final = 16
OFFERS_BYTES: Final = 8 * 1024
MAX_SEGMENTS: Final = 16
MAX_REPORTED: Final = 64
PERIOD_UNKNOWN: Final = 30 * DAY


def make(winner: Candidate, scene: Scene, decision_id: str, *, held_out: bool) -> tuple[str, list[Event]]:
    """Its id, and what there is to tell. What it beats is taken back first; of a lower step it takes place and id."""
    account = scene.account
    winner.variant = variant_of(winner.offer, scene)
    events: list[Event] = []
    for beaten in in_the_way(winner, scene):
        events.extend(life.revoke(scene, beaten, "superseded", scene.now).events)
    before = replaced(winner, account)
    shown = options(winner, scene)
    made = _opened(winner, scene, decision_id, before)
    made.held_out, made.shown = held_out, shown_by(made.target, shown)
    whole = _whole(winner, made, shown, scene)
    if before is not None:
        account.offers.remove(before)
    elif made.verb != "task":
        count_made(
            Made(scene.now, made.offer_id, made.offer, made.family, made.placements, made.verb, made.user), scene
        )
    account.offers.append(made)
    over = [offer for offer in account.offers if offer.over is not None]
    for place, forgotten in enumerate(over):
        if len(over) - place <= MAX_OVER and size(account.offers) <= OFFERS_BYTES:
            break
        account.offers.remove(forgotten)
    kind, change = ("offer_made", "made") if before is None else ("offer_changed", "changed")
    if not held_out:
        events.append(offer_event(scene, kind, made, {"sequence": made.sequence, "offer": whole}))
    return made.offer_id, [*events, outcome(scene, made, change, scene.now)]


def _opened(winner: Candidate, scene: Scene, decision_id: str, before: Open | None) -> Open:
    offer, fired, target, values = winner.offer, winner.fired, winner.target or "", Values(scene)
    first_id = ids.made_of("offer", scene.named, offer.name, fired.moment.name, fired.occurrence)
    no_rule, no_for = _no(winner, scene)
    made = Open(
        offer_id=first_id if before is None else before.offer_id,
        offer=offer.name,
        playbook=offer.playbook,
        family=offer.family,
        verb=offer.verb,
        target=target,
        moment=fired.moment.name,
        kind=fired.moment.kind,
        occurrence=fired.occurrence,
        placements=offer.placements,
        made_at=scene.now,
        expires_at=scene.now + offer.open_for,
        decision_id=decision_id,
        version=scene.rules.version,
        no_rule=no_rule,
        no_for=no_for,
        user=fired.user,
        step=fired.step,
        price_difference=winner.increase,
        score=winner.score,
        variant=winner.variant,
        levels=values.levels(),
        segments=tuple(values.segments()[:MAX_SEGMENTS]),
        report=_report(winner, values, scene),
        happened=remembered(fired),
        basis=basis_of(fired, scene),
    )
    if before is not None:
        made.sequence, made.seen, made.snoozed_until = before.sequence + 1, before.seen, before.snoozed_until
    return made


def _no(winner: Candidate, scene: Scene) -> tuple[str, int | None]:
    """What a no will mean, and how long it would close the family."""
    offer, period = winner.offer, scene.account.period()
    if offer.no_rule != "next_period":
        return offer.no_rule, offer.no_for
    if period is None or period.ends <= scene.now:
        return "for", PERIOD_UNKNOWN
    return "next_period", period.ends - scene.now


def _report(winner: Candidate, values: Values, scene: Scene) -> dict[str, str]:
    """By what its results are told apart; what is unknown is left out."""
    found: dict[str, str] = {}
    for name in winner.offer.report_by:
        if name in scene.rules.product.levels:
            value: object = values.level(name)[0]
        else:
            value = values.get(name if name in scene.rules.segments else f"account.{name}")
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, str) and value:
            found[name] = value[:MAX_REPORTED]
    return found


def _whole(winner: Candidate, made: Open, shown: list[dict[str, Any]], scene: Scene) -> dict[str, Any]:
    due = winner.offer.does.due
    seconds = None if made.no_for is None else made.no_for // SECOND
    return known(
        offer_id=made.offer_id,
        offer=made.offer,
        playbook=made.playbook,
        family=made.family,
        verb=made.verb,
        user=made.user,
        placements=list(made.placements),
        content=content(winner, scene),
        options=shown,
        evidence=signals(winner, scene),
        after_a_no=known(rule=winner.offer.no, seconds=seconds),
        variant=made.variant,
        note=note(winner, scene),
        due_at=None if due is None else told(scene.now + due),
        score=text(made.score),
        made_at=told(made.made_at),
        expires_at=told(made.expires_at),
        version=made.version,
        decision_id=made.decision_id,
    )
