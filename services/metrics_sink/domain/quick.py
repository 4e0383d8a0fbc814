"""The quick way from a message to an outcome's row: most messages are outcomes as our own engine writes them.

It takes fewer messages than `schemas.codec` does, and none that it does not; of those it makes the same row, in a
quarter of the time. Whatever it does not take goes the usual way, which says what is wrong. A test holds one against
the other.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec

from schemas.codec import BINARY_PREFIX, Headers
from schemas.envelope import MAX_ID_BYTES
from schemas.offers import MomentKind, Verb
from schemas.outcomes import Change
from services.metrics_sink.domain.rows import MAX_INTEGER, OutcomeRow

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_BYTES)]
Count = Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
Whole = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]

PLAIN_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,18})?", re.ASCII)
PLAIN_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z", re.ASCII)


class _Outcome(msgspec.Struct, frozen=True):
    """`schemas.outcomes.Outcome`; numbers and times as they stand in the message."""

    offer_id: Id
    sequence: Count
    change: Change
    at: str
    offer: Id
    playbook: Id
    family: Id
    verb: Verb
    target: Id
    moment: Id
    moment_kind: MomentKind
    version: Whole
    made_at: str
    decision_id: Id
    step: str | None = None
    user: Id | None = None
    by: Id | None = None
    placement: Id | None = None
    option: Id | None = None
    reason: Id | None = None
    plan: Id | None = None
    term: Id | None = None
    seats: Whole | None = None
    segments: list[Id] = []
    levels: dict[Id, Id] = {}
    report: dict[Id, str] = {}
    price_difference: str | None = None
    currency: Id | None = None
    variant: Id | None = None
    held_out: bool = False


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    specversion: Literal["1.0"]
    id: Id
    source: Id
    type: Literal["rung.offer_judged"]
    subject: Id
    time: str
    data: _Outcome
    datacontenttype: Literal["application/json"] = "application/json"


_DECODER: Final = msgspec.json.Decoder(_Event)


def read_quickly(value: bytes | None, headers: Headers) -> OutcomeRow | None:
    """The row of a message that is an outcome as the engine writes it; None for any other, readable or not."""
    if value is None or any(name[: len(BINARY_PREFIX)].lower() == BINARY_PREFIX for name, _ in headers):
        return None
    try:
        event = _DECODER.decode(value)
        said = event.data
        return _row(event, said) if _is_plain(event, said) else None
    except (msgspec.MsgspecError, ValueError):  # ValueError: no such day
        return None


def _is_plain(event: _Event, said: _Outcome) -> bool:
    """Whether all text is printable ASCII, where a character is a byte, and times and numbers are as we write them."""
    words = (
        *(event.id, event.source, event.subject, said.offer_id, said.offer, said.playbook, said.family, said.target),
        *(said.moment, said.decision_id, said.user or "", said.by or "", said.placement or "", said.option or ""),
        *(said.reason or "", said.plan or "", said.term or "", said.currency or "", said.variant or ""),
        *said.segments,
        *said.levels,
        *said.levels.values(),
        *said.report,
        *said.report.values(),
    )
    all_words = "".join(words)
    return (
        all_words.isascii()
        and all_words.isprintable()
        and all(PLAIN_INSTANT.fullmatch(time) is not None for time in (event.time, said.at, said.made_at))
        and all(told is None or PLAIN_NUMBER.fullmatch(told) for told in (said.step, said.price_difference))
    )


def _row(event: _Event, said: _Outcome) -> OutcomeRow:
    datetime.fromisoformat(event.time)  # it is not kept, and must be one all the same
    return OutcomeRow(
        said.offer_id,
        said.sequence,
        event.subject,
        said.change.value,
        datetime.fromisoformat(said.at),
        said.offer,
        said.playbook,
        said.family,
        said.verb.value,
        said.target,
        said.moment,
        said.moment_kind.value,
        None if said.step is None else Decimal(said.step),
        said.user,
        said.by,
        said.placement,
        said.option,
        said.reason,
        said.plan,
        said.term,
        said.seats,
        said.segments,
        said.levels,
        said.report,
        None if said.price_difference is None else Decimal(said.price_difference),
        said.currency,
        said.variant,
        said.held_out,
        said.version,
        datetime.fromisoformat(said.made_at),
        said.decision_id,
    )
