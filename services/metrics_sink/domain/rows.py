"""Rows as the database holds them, made from events; field names are column names."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from pydantic import JsonValue

from schemas.codec import UnreadableEvent
from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Decided
from schemas.outcomes import FactAccepted, OfferJudged

MAX_INTEGER: Final = 2**63 - 1
"""The largest that a bigint holds; the wire has no bound."""

NUL: Final = "\0"
UNKNOWN_CHARACTER: Final = "\ufffd"
"""What stands for a character that PostgreSQL can not hold inside a document."""


@dataclass(frozen=True)
class OutcomeRow:
    """One change of one offer; unique by offer and sequence."""

    offer_id: str
    sequence: int
    account: str
    change: str
    at: datetime
    offer: str
    playbook: str
    family: str
    verb: str
    target: str
    moment: str
    moment_kind: str
    step: Decimal | None
    for_user: str | None
    by_user: str | None
    placement: str | None
    option: str | None
    reason: str | None
    plan: str | None
    term: str | None
    seats: int | None
    segments: list[str]
    levels: dict[str, str]
    report: dict[str, str]
    price_difference: Decimal | None
    currency: str | None
    variant: str | None
    held_out: bool
    version: int
    made_at: datetime
    decision_id: str


@dataclass(frozen=True)
class FactRow:
    """One accepted account fact; unique by source and id.

    Attributes:
        monthly: What the account pays a month in ``currency`` once the engine has taken this fact; None when unknown.
        once: What this fact says was paid once, in ``currency``; None when nothing was, or that is unknown.
        log_offset: Where it stands in its log. All of an account stands in one partition, so of two of its facts the
            engine knew the one with the smaller offset when it took the other.
    """

    source: str
    fact_id: str
    account: str
    fact: str
    at: datetime
    value: JsonValue
    monthly: Decimal | None
    once: Decimal | None
    currency: str | None
    log_offset: int


@dataclass(frozen=True)
class DecisionRow:
    """One decision; unique by its id. ``document`` is the whole record."""

    decision_id: str
    account: str
    at: datetime
    verdict: str
    reason: str | None
    version: int
    document: JsonValue


def outcome_row(event: OfferJudged) -> OutcomeRow:
    """The row of one judged change. Raises `UnreadableEvent`."""
    said = event.data
    return OutcomeRow(
        offer_id=said.offer_id,
        sequence=_integer("sequence", said.sequence),
        account=event.subject,
        change=said.change.value,
        at=instant("at", said.at),
        offer=said.offer,
        playbook=said.playbook,
        family=said.family,
        verb=said.verb.value,
        target=said.target,
        moment=said.moment,
        moment_kind=said.moment_kind.value,
        step=said.step,
        for_user=said.user,
        by_user=said.by,
        placement=said.placement,
        option=said.option,
        reason=said.reason,
        plan=said.plan,
        term=said.term,
        seats=None if said.seats is None else _integer("seats", said.seats),
        segments=list(said.segments),
        levels=dict(said.levels),
        report=dict(said.report),
        price_difference=said.price_difference,
        currency=said.currency,
        variant=said.variant,
        held_out=said.held_out,
        version=_integer("version", said.version),
        made_at=instant("made_at", said.made_at),
        decision_id=said.decision_id,
    )


def fact_row(event: FactAccepted, log_offset: int) -> FactRow:
    """The row of one accepted fact that stands at ``log_offset``. Raises `UnreadableEvent`."""
    said = event.data
    return FactRow(
        source=said.fact_source,
        fact_id=said.fact_id,
        account=event.subject,
        fact=said.fact,
        at=instant("at", said.at),
        value=_document(dict(said.value)),
        monthly=said.monthly,
        once=said.once,
        currency=said.currency,
        log_offset=log_offset,
    )


def decision_row(event: Decided) -> DecisionRow:
    """The row of one decision. Raises `UnreadableEvent`."""
    said = event.data
    return DecisionRow(
        decision_id=said.decision_id,
        account=event.subject,
        at=instant("at", said.at),
        verdict=said.verdict.value,
        reason=None if said.reason is None else said.reason.value,
        version=_integer("version", said.version),
        document=_document(said.model_dump(mode="json", exclude_none=True)),
    )


def _integer(name: str, value: int) -> int:
    if abs(value) > MAX_INTEGER:
        raise UnreadableEvent(DeadLetterReason.INVALID, f"{name}: is larger than {MAX_INTEGER}")
    return value


def instant(name: str, value: datetime) -> datetime:
    """``value`` in UTC. Raises `UnreadableEvent` when there is none: a bound of the calendar."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise UnreadableEvent(DeadLetterReason.INVALID, f"{name}: is outside the years 1 to 9999 in UTC") from None


def _document(value: JsonValue) -> JsonValue:
    """The same document, with characters that PostgreSQL can not hold replaced."""
    match value:
        case str():
            return value.replace(NUL, UNKNOWN_CHARACTER).encode("utf-8", "replace").decode()
        case list():
            return [_document(item) for item in value]
        case dict():
            return {str(_document(name)): _document(item) for name, item in value.items()}
        case _:
            return value
