"""The record of a decision: what it knew, what it looked at, and what came of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from schemas.candidates import Candidates, with_candidates
from schemas.decisions import Candidate as CandidateTold
from schemas.decisions import Decided, Decision, Input, Reason, Verdict
from schemas.envelope import unchecked
from services.trigger_engine.domain.conditions.kinds import Kind, Value
from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.deciding.candidate import Candidate, Cause
from services.trigger_engine.domain.deciding.evidence import evidence
from services.trigger_engine.domain.deciding.funnel import reason_of
from services.trigger_engine.domain.deciding.holding import Trial
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.moments import meter_of
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import event
from services.trigger_engine.domain.values import METER, TOTAL_OF, values_of

Told = str | int | bool | list[str] | None

ALWAYS: Final = ("plan", "term", "seats", "owned", "onboarding")
"""What every decision tells of its account."""

OF_ACCOUNT: Final = f"{Scope.ACCOUNT}."

NOT_FROZEN: Final = ("id", "age")
"""The id stands in every event, and the age follows from the time."""


NO_FACTORS: Final[dict[str, Decimal]] = {}

MANY: Final = 32
"""Candidates of one decision from which on it is less work to find out which of them are alike than to tell each."""


class Known(Struct, frozen=True):
    """What a decision knew, before it changed anything."""

    account: dict[str, Told]
    meters: dict[str, Decimal]
    levels: dict[str, str]
    segments: tuple[str, ...]


class Record(Struct):
    """What there is to tell of one decision beside its candidates."""

    decision_id: str
    attempt: int
    known: Known
    verdict: Verdict = Verdict.WITHHELD
    offer_id: str | None = None
    held: list[str] = []
    given_up: list[str] = []


def known_of(trials: Sequence[Trial], situation: Situation) -> Known:
    """The account as the decision finds it; of what conditions can ask, all that those of these moments do."""
    values = values_of(situation, _user(trials))
    names = sorted({name for trial in trials for name in situation.rules.asked.get(trial.passed.moment.name, ())})
    return Known(
        account=_account(names, situation),
        meters=_meters(names, trials, situation),
        levels=values.levels(),
        segments=values.segments(),
    )


def decided(record: Record, trials: Sequence[Trial], situation: Situation, cause: Cause) -> Decided:
    """The event that tells of the decision; nobody has to look anything up to understand it."""
    candidates = [candidate for trial in trials for candidate in trial.candidates]
    known, at = record.known, to_datetime(situation.now)
    told = unchecked(
        Decision,
        {
            "decision_id": record.decision_id,
            "verdict": record.verdict,
            "reason": None if record.verdict is Verdict.OFFERED else _reason(record, candidates),
            "at": at,
            "version": situation.rules.version,
            "input": _input(cause),
            "moments": tuple(evidence(trial.passed) for trial in trials),
            "user": _user(trials),
            "candidates": tuple(_told(candidate) for candidate in candidates) if len(candidates) < MANY else (),
            "offer_id": record.offer_id,
            "account": known.account,
            "meters": known.meters,
            "levels": known.levels,
            "segments": known.segments,
            "attempt": record.attempt,
            "held": tuple(dict.fromkeys(record.held)),
            "given_up": tuple(record.given_up),
        },
    )
    if len(candidates) >= MANY:
        told = with_candidates(told, _much_alike(candidates))
    return event(Decided, record.decision_id, situation.id, situation.now, told)


def _reason(record: Record, candidates: Sequence[Candidate]) -> Reason:
    return Reason.HELD_OUT if record.verdict is Verdict.HELD_OUT else reason_of(candidates)


def _user(trials: Sequence[Trial]) -> str | None:
    return next((trial.passed.user for trial in trials if trial.passed.user is not None), None)


def _input(cause: Cause) -> Input:
    return unchecked(
        Input,
        {
            "stream": cause.origin.stream,
            "partition": cause.origin.partition,
            "offset": cause.origin.offset,
            "event_id": cause.event_id,
            "event_type": cause.event_type,
            "event_time": to_datetime(cause.event_time) if cause.event_time is not None else None,
        },
    )


def _much_alike(candidates: Sequence[Candidate]) -> Candidates:
    like = dict[tuple[int, ...], CandidateTold]()
    found = []
    for candidate in candidates:
        # all that is found out is shared by those that it holds for, and lives as long as they do
        ends = (id(candidate.shared), id(candidate.withheld), id(candidate.about), id(candidate.worth))
        if ends not in like:
            like[ends] = _told(candidate)
        found.append(like[ends])
    return Candidates([candidate.offer.name for candidate in candidates], found)


def _told(candidate: Candidate) -> CandidateTold:
    withheld, worth = candidate.withheld, candidate.worth
    return unchecked(
        CandidateTold,
        {
            "offer": candidate.offer.name,
            "moment": candidate.passed.moment.name,
            "target": candidate.target,
            "stage": candidate.stage,
            "reason": None if withheld is None else withheld.reason,
            "detail": None if withheld is None else withheld.detail,
            "until": None if withheld is None or withheld.until is None else to_datetime(withheld.until),
            "score": None if worth is None else worth.score,
            "factors": NO_FACTORS if worth is None else worth.factors,
        },
    )


def _account(names: Sequence[str], situation: Situation) -> dict[str, Told]:
    values = values_of(situation)
    asked = [name.removeprefix(OF_ACCOUNT) for name in names if name.startswith(OF_ACCOUNT)]
    told = {name: _plain(name, values.get(OF_ACCOUNT + name), situation) for name in (*ALWAYS, *asked)}
    known = {name: value for name, value in told.items() if value is not None and name not in NOT_FROZEN}
    return {**known, "open_offers": [offer.offer_id for offer in situation.account.open_offers()]}


def _plain(name: str, value: Value | None, situation: Situation) -> Told:
    """A value as JSON has it: times as elsewhere, numbers that may have a fraction as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return list(value)
    kind = situation.rules.product.names.kinds.get(OF_ACCOUNT + name)
    if isinstance(value, Decimal):
        return int(value) if kind is Kind.WHOLE and value == value.to_integral_value() else str(value)
    if kind is Kind.TIME and isinstance(value, int):
        return to_datetime(value).isoformat().replace("+00:00", "Z")
    return value


def _meters(names: Sequence[str], trials: Sequence[Trial], situation: Situation) -> dict[str, Decimal]:
    """What the meters of the moments stand at, and those that conditions ask about; each in its own name."""
    found: dict[str, Value | None] = {}
    for passed in (trial.passed for trial in trials):
        meter = meter_of(passed.moment)
        if meter is not None:
            value = values_of(situation, passed.user).get(METER + meter)
            found.setdefault(meter, passed.value if passed.group is not None else value)
    values = values_of(situation, _user(trials))
    for name in names:
        if name.startswith((METER, TOTAL_OF)):
            found.setdefault(name.replace(METER, "", 1), values.get(name))
    return {name: value for name, value in sorted(found.items()) if isinstance(value, Decimal)}
