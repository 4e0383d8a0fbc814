"""Held moments: withheld for a reason that passes, and decided again once it has, together with what fires then."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec.structs import astuple

from oracle.chance import seed
from oracle.deciding.candidate import Candidate
from oracle.deciding.funnel import considered
from oracle.deciding.meant import STAYS, ends_at, still
from oracle.detecting.fired import Fired
from oracle.state import Happened, Held

if TYPE_CHECKING:
    from oracle.deciding.candidate import Withheld
    from oracle.detecting.scene import Scene

PASSES: Final = (
    "not_begun", "unknown", "onboarding", "open_ticket", "payment_failed", "cancelling", "renewal_week", "quiet",
    "not_before", "back_off", "capped", "task_open", "placement_taken",
)  # fmt: skip
"""Reasons that pass. All others are for good."""

MAX_HELD: Final = 16
MAX_WAITS: Final = 8
ALL_USAGE: Final = "(all)"


@dataclass
class Trial:
    """One moment that is decided, for the ``attempt``-th time; ``before``: how it was held until now."""

    fired: Fired
    candidates: list[Candidate]
    attempt: int = 1
    before: Held | None = None

    @property
    def passing(self) -> list[tuple[str, Withheld]]:
        """The offers that are withheld for a reason that passes."""
        withheld = [(one.offer.name, one.withheld) for one in self.candidates if one.withheld is not None]
        return [(name, why) for name, why in withheld if why.reason in PASSES]

    @property
    def reasons(self) -> int:
        """The same as one number."""
        return seed(*(word for name, why in self.passing for word in (name, why.reason)))

    def stays(self, winner: Candidate | None) -> bool:
        """Whether it is to be decided again; no more when one of its offers is made."""
        return bool(self.passing) and all(candidate is not winner for candidate in self.candidates)


def tried(fired: Fired, scene: Scene) -> Trial:
    """A moment that has just fired."""
    return Trial(fired, considered(fired, 1, scene))


def released(fired: list[Fired], counted: tuple[str, ...] | None, scene: Scene, *, alone: bool = False) -> list[Trial]:
    """The held moments that are decided again. ``counted``: what usage was counted by; None for any other input.

    ``alone``: time has passed, and nothing else has come of that.

    One stays held in silence as long as the same offers are withheld for the same reasons. One that is no longer so is
    let go, and so is one that has fired anew.
    """
    anew = [(one.moment.name, one.user, one.group) for one in fired]
    trials: list[Trial] = []
    kept: list[Held] = []
    for held in scene.account.held:
        happened = held.happened
        if (happened.moment, happened.user, happened.group) in anew:
            continue
        if not _may_have_ended(held, counted, scene, by_time=bool(fired) or alone):
            kept.append(held)
            continue
        trial = _again(held, scene)
        if trial is None:
            continue
        if trial.reasons == held.reasons:
            kept.append(_held(trial, held.attempt, scene))
        else:
            kept.append(held)
            trials.append(trial)
    scene.account.held = kept
    return trials


def settle(trials: list[Trial], winner: Candidate | None, scene: Scene) -> tuple[list[str], list[str]]:
    """Hold what is to be decided again: the names of those moments, and of those given up since there are too many."""
    kept: list[Held] = []
    for held in scene.account.held:
        trial = next((trial for trial in trials if trial.before is held), None)
        if trial is None:
            kept.append(held)
        elif trial.stays(winner):
            kept.append(_held(trial, trial.attempt, scene))
    staying = [trial for trial in trials if trial.stays(winner)]
    kept.extend(_held(trial, trial.attempt, scene) for trial in staying if trial.before is None)
    given_up = kept[: max(0, len(kept) - MAX_HELD)]
    scene.account.held = kept[len(given_up) :]
    scene.account.dropped += len(given_up)
    return [trial.fired.moment.name for trial in staying], [held.happened.moment for held in given_up]


def remembered(fired: Fired) -> Happened:
    """A moment as an account keeps it; a limit without end is none to come back to."""
    limit = fired.limit if isinstance(fired.limit, Decimal) else None
    return Happened(fired.moment.name, *fired._replace(limit=limit)[1:])  # type: ignore[arg-type]  # field by field


def recalled(happened: Happened, scene: Scene) -> Fired | None:
    """The moment as it fired; None when the set has none of this name."""
    moment = scene.rules.moments.get(happened.moment)
    return None if moment is None else Fired(moment, *astuple(happened)[1:])


def _may_have_ended(held: Held, counted: tuple[str, ...] | None, scene: Scene, *, by_time: bool) -> bool:
    """Usage that fires nothing ends no reason by time."""
    if counted is None or (by_time and held.again is not None and held.again <= scene.now):
        return True
    return any(name == ALL_USAGE or name in counted for name in held.waits_for)


def _again(held: Held, scene: Scene) -> Trial | None:
    """The moment as it stands now, decided once more."""
    fired = recalled(held.happened, scene)
    fired = None if fired is None else still(fired, scene)
    attempt = held.attempt + 1
    return None if fired is None else Trial(fired, considered(fired, attempt, scene), attempt, held)


def _held(trial: Trial, attempt: int, scene: Scene) -> Held:
    waits = tuple(dict.fromkeys(name for _, why in trial.passing for name in why.waits_for))
    return Held(
        happened=remembered(trial.fired) if trial.before is None else trial.before.happened,
        attempt=attempt,
        reasons=trial.reasons,
        again=_look_again(trial, scene),
        waits_for=waits if len(waits) <= MAX_WAITS else (ALL_USAGE,),
    )


def _look_again(trial: Trial, scene: Scene) -> int | None:
    """When the first of its reasons ends, or the moment itself."""
    fired = trial.fired
    times = [at for _, why in trial.passing for at in (why.until, why.again)]
    times.append(ends_at(fired.moment, fired.period, scene))
    if fired.moment.kind not in STAYS:
        times.append(fired.at + fired.moment.stale_after + 1)
    return min((at for at in times if at is not None and at > scene.now), default=None)
