"""One input makes one decision: what it fired and what it released are decided together, and all of it is told."""

from collections.abc import Sequence

from schemas.decisions import Reason, Stage, Verdict
from schemas.envelope import Envelope
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.deciding import cooling, holding
from services.trigger_engine.domain.deciding.arbitrated import arbitrate
from services.trigger_engine.domain.deciding.candidate import Cause, Withheld
from services.trigger_engine.domain.deciding.drawn import is_held_out
from services.trigger_engine.domain.deciding.making import make
from services.trigger_engine.domain.deciding.record import Record, decided, known_of
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.quiet import forget_awaited
from services.trigger_engine.domain.situation import Situation


def decide(fired: Sequence[Passed], situation: Situation, cause: Cause) -> list[Envelope]:
    """Decide what ``fired``, and what was held and may be decided again by now. Nothing when that is nothing.

    Changes the account: an offer is made, moments are held or let go. To be asked after every input that can have
    changed something for the account.
    """
    account = situation.account
    if not fired and not account.held:
        return []
    events = _decided(fired, situation.fresh(), cause)
    forget_awaited(situation.rules, account)
    return events


def _decided(fired: Sequence[Passed], situation: Situation, cause: Cause) -> list[Envelope]:
    cooling.look(situation)
    again = holding.released(fired, situation, cause)
    trials = [*(holding.tried(passed, situation) for passed in fired), *again]
    if not trials:
        return []
    attempt = max(trial.attempt for trial in trials)
    occurrences = [trial.passed.occurrence for trial in trials]
    record = Record(ids.decision_id(situation.named, occurrences, attempt), attempt, known_of(trials, situation))
    candidates = [candidate for trial in trials for candidate in trial.candidates]
    winner = arbitrate(candidates, situation)
    record.held, record.given_up = holding.settle(trials, winner, situation)
    events: list[Envelope] = []
    if winner is not None:
        held_out = is_held_out(situation)
        made = make(winner, situation, record.decision_id, held_out=held_out)
        record.offer_id, events = made.offer_id, made.events
        record.verdict = Verdict.HELD_OUT if held_out else Verdict.OFFERED
    if record.verdict is Verdict.HELD_OUT and winner is not None:
        winner.stage, winner.withheld = Stage.HELD_OUT, Withheld(Reason.HELD_OUT)
    return [decided(record, trials, situation, cause), *events]
