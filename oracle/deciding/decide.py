"""One input makes one decision: what it fired and what it released are decided together, and all of it is told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from oracle import ids
from oracle.conditions.kinds import WHOLE
from oracle.deciding import holding
from oracle.deciding.arbitrating import arbitrate, is_held_out
from oracle.deciding.candidate import Withheld
from oracle.deciding.funnel import reason_of
from oracle.deciding.making import make
from oracle.deciding.suitable import look
from oracle.deciding.values import Values
from oracle.deciding.wording import evidence, meter_of
from oracle.telling import Event, decision, known, text
from oracle.times import told

if TYPE_CHECKING:
    from oracle.deciding.candidate import Candidate
    from oracle.deciding.holding import Trial
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene

ALWAYS: Final = ("plan", "term", "seats", "owned", "onboarding")
NOT_TOLD: Final = ("id", "age")
TIMES: Final = ("created", "plan_since", "term_since", "term_ends")

Cause = dict[str, Any]
"""The input that led to a decision, as it is told."""


def decide(fired: list[Fired], scene: Scene, cause: Cause, *, alone: bool = False) -> list[Event]:
    """Decide what fired, and what was held and may be decided again. Nothing when that is nothing.

    ``alone``: time has passed, and nothing else has come of that.
    """
    if not fired and not scene.account.held:
        return []
    look(scene)
    feed = scene.rules.feeds.get(cause.get("event_type", "")) if cause["stream"] == "usage" else None
    counted = () if alone else None if feed is None else feed.counted
    again = holding.released(fired, counted, scene, alone=alone)
    trials = [*(holding.tried(one, scene) for one in fired), *again]
    if not trials:
        return []
    attempt = max(trial.attempt for trial in trials)
    decision_id = ids.made_of("decision", scene.named, sorted(trial.fired.occurrence for trial in trials), attempt)
    before = _known(trials, scene)
    candidates = [candidate for trial in trials for candidate in trial.candidates]
    winner = arbitrate(candidates, scene)
    held, given_up = holding.settle(trials, winner, scene)
    events: list[Event] = []
    verdict, offer_id = "withheld", None
    if winner is not None:
        held_out = is_held_out(scene)
        offer_id, events = make(winner, scene, decision_id, held_out=held_out)
        verdict = "held_out" if held_out else "offered"
        if held_out:
            winner.stage, winner.withheld = "held_out", Withheld("held_out")
    reason = {"offered": None, "held_out": "held_out", "withheld": reason_of(candidates)}[verdict]
    data = known(
        decision_id=decision_id,
        verdict=verdict,
        reason=reason,
        at=told(scene.now),
        version=scene.rules.version,
        input=cause,
        moments=[evidence(trial.fired) for trial in trials],
        user=_user(trials),
        candidates=[_told(candidate) for candidate in candidates],
        offer_id=offer_id,
        **before,
        attempt=attempt,
        held=list(dict.fromkeys(held)),
        given_up=given_up,
    )
    return [decision(scene, decision_id, data), *events]


def _told(candidate: Candidate) -> dict[str, Any]:
    why = candidate.withheld
    return known(
        offer=candidate.offer.name,
        moment=candidate.fired.moment.name,
        target=candidate.target,
        stage=candidate.stage,
        reason=None if why is None else why.reason,
        detail=None if why is None else why.detail,
        until=None if why is None or why.until is None else told(why.until),
        score=text(candidate.score),
        factors={name: str(factor) for name, factor in candidate.factors.items()},
    )


def _user(trials: list[Trial]) -> str | None:
    return next((trial.fired.user for trial in trials if trial.fired.user is not None), None)


# --- what the decision knew -------------------------------------------------------------------------


def _known(trials: list[Trial], scene: Scene) -> dict[str, Any]:
    """The account as the decision finds it, with all that conditions of these offers ask of it."""
    names = sorted({name for trial in trials for name in scene.rules.asked[trial.fired.moment.name]})
    values = Values(scene)
    return {
        "account": _account(names, values, scene),
        "meters": _meters(names, trials, scene),
        "levels": values.levels(),
        "segments": values.segments(),
    }


def _account(names: list[str], values: Values, scene: Scene) -> dict[str, Any]:
    asked = [name.removeprefix("account.") for name in names if name.startswith("account.")]
    found: dict[str, Any] = {}
    for name in (*ALWAYS, *asked):
        value = values.get(f"account.{name}")
        if value is not None and name not in NOT_TOLD:
            found[name] = _plain(name, value, scene)
    return found | {"open_offers": [offer.offer_id for offer in scene.account.open()]}


def _plain(name: str, value: Any, scene: Scene) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal):
        kind, _ = scene.rules.product.facts.get(name, (None, None))
        return int(value) if kind == WHOLE and value == value.to_integral_value() else str(value)
    return told(value) if name in TIMES else value


def _meters(names: list[str], trials: list[Trial], scene: Scene) -> dict[str, str]:
    """What the meters of the moments stand at, and those that conditions ask about."""
    found: dict[str, Any] = {}
    for fired in (trial.fired for trial in trials):
        meter = meter_of(fired)
        if meter is not None:
            value = Values(scene, fired.user).get(f"meters.{meter}")
            found.setdefault(meter, fired.value if fired.group is not None else value)
    values = Values(scene, _user(trials))
    for name in names:
        if name.startswith(("meters.", "total(")):
            found.setdefault(name.replace("meters.", "", 1), values.get(name))
    return {name: str(value) for name, value in found.items() if isinstance(value, Decimal)}
