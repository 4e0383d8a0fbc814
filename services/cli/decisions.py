"""Decisions in the operator's words: what was decided, how far each offer came, and what would have to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schemas.decisions import Reason, Stage, Verdict
from services.trigger_engine.domain.trying.tally import is_held_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from schemas.decisions import Candidate, Decision
    from schemas.offers import Evidence, OfferEvent

WOULD_NEED: Final[Mapping[Reason, str]] = {
    Reason.NO_OFFER: "an offer with this moment in its 'on'",
    Reason.PAUSED: "somebody to resume the offer: rung resume",
    Reason.STALE: "the event to arrive sooner, or a longer stale_after of the moment",
    Reason.OWNED: "an account that does not have it yet",
    Reason.TOP_RUNG: "a rung above the account's plan; there is none",
    Reason.NOT_ADJACENT: "the account to climb the rungs between, or an offer of the next rung",
    Reason.NOT_ON_LADDER: "one ladder with the account's plan and what is offered on it",
    Reason.LIFTS_NOTHING: "an offer that raises the limit that was reached",
    Reason.UNKNOWN: "an account fact that tells it",
    Reason.NOT_FOR: "an account that the 'for' of the offer holds for",
    Reason.TOO_STEEP: "a smaller step, or a price_step that allows it",
    Reason.NOT_IN_USE: "the rung before it to be in use",
    Reason.NOTHING_FITS: "something in the product document that would do",
    Reason.TOO_LITTLE_NEW: "two things at least that the account does not have yet",
    Reason.PERIOD_OVER: "the event to arrive within its period",
    Reason.NOT_BEGUN: "the first day of its 'runs' to come",
    Reason.RUN_OVER: "a later 'until' in its 'runs'",
    Reason.ONBOARDING: "the onboarding to be completed, or given up",
    Reason.OPEN_TICKET: "the ticket to be closed, and the cool-down to be over",
    Reason.PAYMENT_FAILED: "the payment to be recovered, and the cool-down to be over",
    Reason.CANCELLING: "the cancellation to be withdrawn, and the cool-down to be over",
    Reason.RENEWAL_WEEK: "the term to be renewed",
    Reason.QUIET: "the account to leave the segment, and the cool-down to be over",
    Reason.NOT_BEFORE: "what 'not_before' asks for to be reached",
    Reason.DISENGAGED: "the account to use the product again; until then nurture and tasks are all there is",
    Reason.CAPPED: "time to pass until the cap counts fewer offers",
    Reason.BACK_OFF: "the back-off to end, or a yes",
    Reason.TASK_OPEN: "the open task to be done",
    Reason.DISMISSED: "the no to end",
    Reason.PLACEMENT_TAKEN: "the open offer to end, or another placement",
    Reason.OUTSCORED: "a higher score than the other offer: a boost, or a moment that fits better",
    Reason.IN_BUNDLE: "a decision without the bundle that contains it",
    Reason.HELD_OUT: "an account that is not held out; who is does not change",
}
"""For each reason what would let the offer be made."""

SAID: Final[Mapping[str, str]] = {"user": "by", "placement": "in", "option": "option", "reason": "because"}
"""What a change of an offer may say, and the word before it."""

HEAD: Final = 15
"""Width of the column that says what a line is about: the longest stage, and two."""


def in_words(account: str, decision: Decision, offer: str | None = None) -> Iterator[str]:
    """Lines about every offer that competed, or only about ``offer``."""
    chosen = [candidate for candidate in decision.candidates if offer in (None, candidate.offer)]
    at = f"{shown(decision.at)} (set {decision.version}{_attempt(decision)})"
    for candidate in chosen:
        yield f"{account} · {candidate.offer} · {_verdict(candidate, decision)} at {at}"
        yield from _moments(decision, candidate.moment)
        yield from _standing(decision)
        yield from _stages(candidate, decision.account.get("plan"))
        if candidate.reason is not None and candidate.moment in decision.held:
            yield _line("held", "will be decided again when that is so")
        if candidate.moment in decision.given_up:
            yield _line("given up", "too many moments are held: it will not be decided again")
    if not chosen:
        yield f"{account} · {decision.verdict} at {at}"
        yield from _moments(decision)
        yield from _standing(decision)
        if decision.reason is not None:
            yield _line("offered", f"no    {decision.reason}")
            yield _line("would need", WOULD_NEED[decision.reason])


def life_in_words(events: Iterable[OfferEvent]) -> Iterator[str]:
    """A line for each change in the life of an offer: when, what, by whom, and why."""
    for event in events:
        told = [f"{shown(event.time)}  {event.type.removeprefix('rung.offer_')}"]
        told += [f"{said} {value}" for name, said in SAID.items() if (value := getattr(event.data, name, None))]
        yield "  " + ", ".join(told)


def for_programs(decision: Decision) -> dict[str, Any]:
    """The decision as it travels, and for each offer withheld what it ``would_need``."""
    told = decision.model_dump(mode="json", exclude_none=True)
    for candidate in told.get("candidates", ()):
        if "reason" in candidate:
            candidate["would_need"] = WOULD_NEED[Reason(candidate["reason"])]
    return told


def shown(at: datetime) -> str:
    """A time, to the second when it is not a whole minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def _moments(decision: Decision, name: str | None = None) -> Iterator[str]:
    for moment in decision.moments:
        if name in (None, moment.moment):
            user = f", of {decision.user}" if decision.user is not None else ""
            yield _line("moment", f"{moment_in_words(moment)}{user}")


def moment_in_words(moment: Evidence) -> str:
    """What fired, and by what: ``storage_full, storage_gb 1.7 of 2, step 80%, at 2026-03-04 10:12``."""
    told = [moment.moment]
    if moment.meter is not None and moment.value is not None:
        of = f" of {_plain(moment.limit)}" if moment.limit is not None else ""
        told.append(f"{moment.meter} {_plain(moment.value)}{of}")
    if moment.group is not None:
        told.append(f"of {moment.group}")
    if moment.step is not None:
        told.append(f"step {_plain(moment.step * 100)}%")
    if moment.percent is not None:
        told.append(f"grew {_plain(moment.percent)}%")
    if moment.date is not None:
        sure = f", as sure as {_plain(moment.confidence * 100)}%" if moment.confidence is not None else ""
        told.append(f"reached by {moment.date}{sure}")
    return ", ".join([*told, f"at {shown(moment.happened_at)}"])


def _verdict(candidate: Candidate, decision: Decision) -> Verdict:
    if is_held_out(candidate, decision):
        return Verdict.HELD_OUT
    return Verdict.OFFERED if candidate.reason is None else Verdict.WITHHELD


def _attempt(decision: Decision) -> str:
    """Which try it was, from the second on: a moment that was held is decided again."""
    return f", try {decision.attempt}" if decision.attempt > 1 else ""


def _standing(decision: Decision) -> Iterator[str]:
    """What the account was put down as, and the segments it was in."""
    levels = [f"{level} {value}" for level, value in sorted(decision.levels.items())]
    if levels or decision.segments:
        yield _line("account", ", ".join([*levels, *decision.segments]))


def _stages(candidate: Candidate, plan: object) -> Iterator[str]:
    """Each stage that looked at the offer, in their order; the last one says why not, or with what score."""
    for stage in Stage:
        if stage is candidate.stage:
            break
        yield _line(stage.value, f"yes   {_target(candidate, plan)}" if stage is Stage.ELIGIBLE else "yes")
    if candidate.reason is None:
        yield _line(candidate.stage.value, f"yes   {_score(candidate)}")
        return
    detail = f": {candidate.detail}" if candidate.detail is not None else ""
    yield _line(candidate.stage.value, f"no    {candidate.reason}{detail}")
    until = f" ({shown(candidate.until)} UTC)" if candidate.until is not None else ""
    yield _line("would need", f"{WOULD_NEED[candidate.reason]}{until}")


def _score(candidate: Candidate) -> str:
    """``score 4.5 (context 1.5, match 2, boost 1.5)``: the factors that are not 1."""
    if candidate.score is None:
        return ""
    factors = [f"{name} {_plain(value)}" for name, value in candidate.factors.items() if value != 1]
    return f"score {_plain(candidate.score)}" + (f" ({', '.join(factors)})" if factors else "")


def _target(candidate: Candidate, plan: object) -> str:
    """What it is about, and for whom: ``plus, while on free``."""
    return ", ".join([*filter(None, [candidate.target]), *([f"while on {plan}"] if plan is not None else [])])


def _line(what: str, told: str) -> str:
    return f"  {what:<{HEAD}}{told}".rstrip()


def _plain(number: object) -> str:
    """A decimal without needless zeros; ``unlimited`` as it is."""
    text = f"{number:f}" if not isinstance(number, str) else number
    return text.rstrip("0").rstrip(".") if "." in text else text
