"""Stage 1, before anything is looked for: is the offer made these days, at this moment, to this account?"""

from datetime import date
from typing import Final

from schemas.decisions import Reason
from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.conditions.condition import Condition, Truth
from services.trigger_engine.domain.deciding import asking
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.periods import is_over
from services.trigger_engine.domain.deciding.still import stays_true
from services.trigger_engine.domain.playbook.trials import Runs
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

OLD: Final = "old"


def meant(candidate: Candidate, situation: Situation) -> Withheld | None:
    """Why the offer is none for this moment or this account, if so.

    A moment that can stay true is fresh as long as it is: its age counts only when it is decided for the first time.
    """
    offer, known = candidate.offer, candidate.shared.for_all
    if offer.name in situation.rules.paused:
        return Withheld(Reason.PAUSED)
    if OLD not in known:
        known[OLD] = _too_old(candidate, situation)
    withheld = known[OLD]
    if withheld is None and offer.runs is not None:
        withheld = _not_running(offer.runs, situation)
    if withheld is None and offer.only_for is not None:
        withheld = _not_for(offer.only_for, candidate.passed.user, situation)
    return withheld


def over_at(runs: Runs | None, account: AccountSlice) -> int | None:
    """When the days are over on which an offer is made, in the account's zone; None when they never are."""
    return None if runs is None or runs.until is None else _start(runs.until, account)


def _too_old(candidate: Candidate, situation: Situation) -> Withheld | None:
    passed = candidate.passed
    waited = candidate.attempt > 1 and stays_true(passed.moment)
    if not waited and situation.now - passed.at > passed.moment.stale_after_us:
        return Withheld(Reason.STALE)
    return Withheld(Reason.PERIOD_OVER) if is_over(passed.moment, passed.period, situation) else None


def _not_running(runs: Runs, situation: Situation) -> Withheld | None:
    account = situation.account
    begins, ends = None if runs.first is None else _start(runs.first, account), over_at(runs, account)
    if begins is not None and situation.now < begins:
        return Withheld(Reason.NOT_BEGUN, f"from {runs.first}", until=begins)
    if ends is not None and situation.now >= ends:
        return Withheld(Reason.RUN_OVER, f"until {runs.until}")
    return None


def _start(day: date, account: AccountSlice) -> int:
    return calendar.start_of_day(day.toordinal() - calendar.DAY_0, account.zone())


def _not_for(asks: Condition, user: str | None, situation: Situation) -> Withheld | None:
    values = values_of(situation, user)
    verdict = values.judge(asks)
    if verdict.holds:
        return None
    if verdict.truth is Truth.UNKNOWN:
        return asking.unknown(asks.text, verdict, values, situation)
    return Withheld(Reason.NOT_FOR, asks.text)
