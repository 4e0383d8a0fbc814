"""Held moments: withheld for a reason that passes, and decided again once it has, together with what fires then.

Each of them is looked at at the time that its reason ends, where that is known; after a fact, a response or an offer's
end; with a new set; and after usage that it waits for.
Looking is silent: as long as the same offers are withheld for the same passing reasons, nothing is decided and nothing
told. A moment that is no longer true, or fresh, is let go; one that fires anew stands for the one that was held.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple, replace

from services.trigger_engine.domain.account import Happened, Held
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.deciding import cooling
from services.trigger_engine.domain.deciding.candidate import Candidate, Cause, Withheld
from services.trigger_engine.domain.deciding.funnel import considered
from services.trigger_engine.domain.deciding.passing import passes
from services.trigger_engine.domain.deciding.periods import ends_at
from services.trigger_engine.domain.deciding.still import stays_true, still
from services.trigger_engine.domain.moments.draws import seed
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.feeds import ALL_USAGE
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation

MAX_HELD: Final = 16
"""Moments held of one account; at the bound the one held longest is given up, and counted."""

MAX_WAITS: Final = 8
"""Meters that one of them waits for; when it is more, it is looked at after all usage."""


class Trial(Struct):
    """One moment that is decided, for the ``attempt``-th time, and the offers that it puts forward.

    ``before``: how it was held until now; None when it has just fired.
    """

    passed: Passed
    candidates: list[Candidate]
    attempt: int = 1
    before: Held | None = None

    @property
    def passing(self) -> list[tuple[str, Withheld]]:
        """The offers that are withheld for a reason that passes."""
        withheld = ((one.offer.name, one.withheld) for one in self.candidates if one.withheld is not None)
        return [(name, why) for name, why in withheld if passes(why.reason)]

    @property
    def reasons(self) -> int:
        """Those offers and reasons, as one number."""
        return seed(*(word for name, why in self.passing for word in (name, why.reason.value)))

    def stays(self, winner: Candidate | None) -> bool:
        """Whether it is to be decided again, when ``winner`` is what is made of this decision."""
        won = winner is not None and any(candidate is winner for candidate in self.candidates)
        return not won and bool(self.passing)


def tried(passed: Passed, situation: Situation) -> Trial:
    """A moment that has just fired, and how far each of its offers comes by itself."""
    return Trial(passed, considered(passed, 1, situation))


def released(fired: Sequence[Passed], situation: Situation, cause: Cause) -> list[Trial]:
    """The held moments that are to be decided again, the one held longest first; the others stay, or are let go."""
    counted = _counted(situation.rules, cause)
    kept, trials = _looked_at(fired, situation, counted, by_time=bool(fired) or cause.alone)
    situation.account.held = kept
    return trials


def stands_otherwise(situation: Situation) -> bool:
    """Whether looking would change what is held, or have it decided, though nothing happens. Changes nothing."""
    account = situation.account
    if not account.held:
        return False
    seen = replace(situation, account=replace(account, was_quiet=dict(account.was_quiet)))
    cooling.look(seen)
    kept, trials = _looked_at((), seen, None, by_time=False)
    return bool(trials) or kept != account.held


def settle(trials: Sequence[Trial], winner: Candidate | None, situation: Situation) -> tuple[list[str], list[str]]:
    """Hold what was withheld for a reason that passes, let go of the rest: names of those held, and of those given up.

    A moment of which an offer is made is done with.
    """
    account = situation.account
    kept = []
    for held in account.held:
        trial = next((trial for trial in trials if trial.before is held), None)
        if trial is None:
            kept.append(held)
        elif trial.stays(winner):
            kept.append(_held(trial, trial.attempt, situation))
    staying = [trial for trial in trials if trial.stays(winner)]
    kept.extend(_held(trial, trial.attempt, situation) for trial in staying if trial.before is None)
    given_up = kept[: max(0, len(kept) - MAX_HELD)]
    account.held = kept[len(given_up) :]
    account.dropped += len(given_up)
    situation.reached(Bound.MOMENT_GIVEN_UP, len(given_up))
    return [trial.passed.moment.name for trial in staying], [held.happened.moment for held in given_up]


def remembered(passed: Passed) -> Happened:
    """A moment as an account keeps it; a limit without end is none to come back to."""
    limit = passed.limit if isinstance(passed.limit, Decimal) else None
    return Happened(
        passed.moment.name, passed.at, passed.user, passed.value, limit, passed.step, passed.period, passed.arm,
        passed.group, passed.percent, passed.date, passed.confidence, passed.about,
    )  # fmt: skip


def recalled(happened: Happened, rules: CompiledSet) -> Passed | None:
    """The moment as it fired; None when the set in force has none of this name."""
    moment = rules.moments.get(happened.moment)
    return None if moment is None else Passed(moment, *astuple(happened)[1:])


def _looked_at(
    fired: Sequence[Passed], situation: Situation, counted: Sequence[str] | None, *, by_time: bool
) -> tuple[list[Held], list[Trial]]:
    """What is held still, as it is looked at next; and what of that is to be decided again."""
    anew = [(passed.moment.name, passed.user, passed.group) for passed in fired]
    trials: list[Trial] = []
    kept: list[Held] = []
    for held in situation.account.held:
        happened = held.happened
        if (happened.moment, happened.user, happened.group) in anew:
            continue
        if not _may_have_ended(held, situation.now, counted, by_time=by_time):
            kept.append(held)
            continue
        trial = _again(held, situation)
        if trial is None:
            continue
        if trial.reasons == held.reasons:
            kept.append(_held(trial, held.attempt, situation))
        else:
            kept.append(held)
            trials.append(trial)
    return kept, trials


def _may_have_ended(held: Held, now: int, counted: Sequence[str] | None, *, by_time: bool) -> bool:
    """Whether its reason may have ended: by usage that it waits for, or ``by_time``.

    Usage that fires nothing ends nothing by time: that is a timer's, for most of such usage goes the quick way.
    """
    if counted is None or (by_time and held.again is not None and held.again <= now):
        return True
    return held.waits(counted)


def _counted(rules: CompiledSet, cause: Cause) -> tuple[str, ...] | None:
    """What of usage may end a reason: what it was counted by; None for any other input, after which all may have."""
    if cause.alone:
        return ()
    feed = rules.feeds.get(cause.event_type or "") if cause.origin.stream == "usage" else None
    return None if feed is None else feed.counted


def _again(held: Held, situation: Situation) -> Trial | None:
    """The moment as it stands now, decided once more; None when it does not any more."""
    passed = recalled(held.happened, situation.rules)
    passed = None if passed is None else still(passed, situation)
    if passed is None:
        return None
    attempt = held.attempt + 1
    return Trial(passed, considered(passed, attempt, situation), attempt, held)


def _held(trial: Trial, attempt: int, situation: Situation) -> Held:
    waits = tuple(dict.fromkeys(name for _, why in trial.passing for name in why.waits_for))
    return Held(
        happened=remembered(trial.passed) if trial.before is None else trial.before.happened,
        attempt=attempt,
        reasons=trial.reasons,
        again=_look_again(trial, situation),
        waits_for=waits if len(waits) <= MAX_WAITS else (ALL_USAGE,),
    )


def _look_again(trial: Trial, situation: Situation) -> int | None:
    """When the first of its reasons ends, or the moment itself."""
    moment = trial.passed.moment
    times = [at for _, why in trial.passing for at in (why.until, why.again)]
    times.append(ends_at(moment, trial.passed.period, situation.account, situation.rules.product))
    if not stays_true(moment):
        times.append(trial.passed.at + moment.stale_after_us + 1)
    return min((at for at in times if at is not None and at > situation.now), default=None)
