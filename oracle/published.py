"""What lies on one topic of the told ones, against what must lie there."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import json

from oracle import ids
from oracle.compare import differences
from oracle.records import DEAD_LETTERS
from oracle.replay import DeadLetter
from oracle.telling import Event
from oracle.violations import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from oracle.records import Record
    from oracle.replay import Place

AHEAD: Final = 64
"""Records looked at beyond those of a transaction when something is missing or too much."""

MAX_DETAIL: Final = 500
"""Characters of a dead letter's detail."""

KEPT: Final = 64 * 1024
MAX_WHOLE: Final = 1024 * 1024
"""Bytes. Of a larger record, more with its headers than the broker may take, only the first `KEPT` may be there."""

KEPT_OF_KEY: Final = 256
"""Bytes of the key of a record of which nothing else may be there, neither value nor headers."""

STRUCTURED: Final = b"application/cloudevents+json"
ID_HEADER: Final = "rung_dead_letter_id"
OWN_HEADERS: Final = ("rung_reason", "rung_detail", "rung_topic", "rung_partition", "rung_offset", ID_HEADER)


class Found(NamedTuple):
    """A published record, its id, and what it says."""

    record: Record
    id: str
    body: Any


class Published:
    """One topic of one partition, read along with the transactions."""

    def __init__(
        self, topic: str, place: Place, records: Iterator[Record], report: Callable[[Violation], None]
    ) -> None:
        self.topic = topic
        self.matched = 0
        self._place = place
        self._records = records
        self._report = report
        self._window: deque[Found] = deque()
        self._ids: set[str] = set()

    def take(self, expected: Sequence[Event | DeadLetter]) -> list[Record | None]:
        """The record of each expected one, in that order; None for one that is missing. Reports what is wrong."""
        self._fill(len(expected))
        wanted = [self._id_of(one) for one in expected]
        first = [self._window[at].id for at in range(min(len(expected), len(self._window)))]
        taken: Sequence[Found | None]
        taken = self._popped(len(first)) if first == wanted else self._sought(expected, wanted)
        found: list[Record | None] = []
        for one, held in zip(expected, taken, strict=True):
            found.append(None if held is None else held.record)
            if held is None:
                self._wrong(Kind.MISSING, None, one, _summary(one), "nothing")
            else:
                self._compare(one, held)
        return found

    def was_set_aside(self, stream: str, record: Record) -> bool:
        """Whether a dead letter that comes next says that what came of ``record`` was more than the broker takes.

        This is the engine's word: how much a broker takes can not be told from the logs. So it is counted and shown.
        """
        self._fill(AHEAD)
        wanted = ids.dead_letter(f"{self._place.prefix}.{stream}", self._place.partition, record.offset)
        found = (held.record for held in self._window if held.id == wanted)
        return any(dict(one.headers).get("rung_reason") == b"too_large" for one in found)

    def finish(self, settled: int) -> None:
        """Nothing more is expected: report what is left before ``settled``."""
        while True:
            self._fill(1)
            if not self._window or self._window[0].record.offset >= settled:
                return
            self._extra(self._window.popleft())

    # --- finding --------------------------------------------------------------------------------

    def _fill(self, count: int) -> None:
        while len(self._window) < count and (record := next(self._records, None)) is not None:
            found = self._read(record)
            self._window.append(found)
            self._note(found)

    def _note(self, found: Found) -> None:
        """No id may stand for two things: who reads this takes the second for the first, told again."""
        if found.id and found.id in self._ids:
            where = (self.topic, self._place.partition, found.record.offset)
            self._report(Violation(Kind.TWICE, *where, _whose(found), "an id of its own", f"{found.id} again"))
        self._ids.add(found.id)

    def _read(self, record: Record) -> Found:
        if self.topic == DEAD_LETTERS:
            raw = dict(record.headers).get(ID_HEADER) or b""
            return Found(record, raw.decode(errors="replace"), None)
        try:
            body = json.decode(record.value or b"")
            return Found(record, str(body["id"]), body)
        except (ValueError, KeyError, TypeError):
            return Found(record, "", None)

    def _id_of(self, one: Event | DeadLetter) -> str:
        if isinstance(one, Event):
            return str(one.body["id"])
        return ids.dead_letter(f"{self._place.prefix}.{one.stream}", self._place.partition, one.record.offset)

    def _popped(self, count: int) -> list[Found]:
        return [self._window.popleft() for _ in range(count)]

    def _sought(self, expected: Sequence[Event | DeadLetter], wanted: list[str]) -> list[Found | None]:
        """Something is missing, too much or out of order: look for each by its id."""
        self._fill(len(expected) + AHEAD)
        at: dict[str, int] = {}
        for number, held in enumerate(self._window):
            at.setdefault(held.id, number)
        numbers = [at.pop(name, None) for name in wanted]
        last = max((number for number in numbers if number is not None), default=-1)
        window = self._popped(last + 1)
        for number, held in enumerate(window):
            if number not in numbers:
                self._extra(held)
        taken = [None if number is None else window[number] for number in numbers]
        before = -1
        for one, match in zip(expected, taken, strict=True):
            offset = before if match is None else match.record.offset
            if offset < before:
                self._wrong(Kind.ORDER, offset, one, f"after offset {before}", f"offset {offset}")
            before = max(before, offset)
        return taken

    # --- comparing ------------------------------------------------------------------------------

    def _compare(self, one: Event | DeadLetter, held: Found) -> None:
        self.matched += 1
        if isinstance(one, DeadLetter):
            self._compare_letter(one, held.record)
            return
        for difference in differences(one.body, held.body):
            self._different(one, held.record, *difference)
        if held.record.key != one.account.encode():
            self._different(one, held.record, "key", one.account, repr(held.record.key))
        if dict(held.record.headers).get("content-type") != STRUCTURED:
            self._different(one, held.record, "content-type", STRUCTURED.decode(), "another")

    def _compare_letter(self, one: DeadLetter, record: Record) -> None:
        detail = dict(record.headers).get("rung_detail") or b""
        written = {
            "rung_reason": one.reason.encode(),
            "rung_detail": detail,  # words for people; that there are some is all that can be said of them
            "rung_topic": f"{self._place.prefix}.{one.stream}".encode(),
            "rung_partition": str(self._place.partition).encode(),
            "rung_offset": str(one.record.offset).encode(),
            ID_HEADER: self._id_of(one).encode(),
        }
        value, found_value = one.record.value, record.value or b""
        may_be_cut = one.aside or _size(one.record) > MAX_WHOLE
        if may_be_cut and len(found_value) <= KEPT and (value or b"").startswith(found_value):
            value = record.value
        key, headers = one.record.key, list(one.record.headers)
        if may_be_cut and not found_value and len(record.headers) == len(written):
            key, headers = (key or b"")[:KEPT_OF_KEY], []
        expected = (key, value, [*headers, *written.items()])
        found = (record.key, record.value, list(record.headers))
        for difference in differences(expected, found):
            self._different(one, record, *difference)
        if not detail or len(detail.decode(errors="replace")) > MAX_DETAIL:
            self._different(one, record, "rung_detail", f"1 to {MAX_DETAIL} characters", repr(detail[:MAX_DETAIL]))

    def _different(self, one: Event | DeadLetter, record: Record, where: str, expected: str, found: str) -> None:
        self._wrong(Kind.DIFFERENT, record.offset, one, f"{_summary(one)} {where} = {expected}", found)

    def _extra(self, held: Found) -> None:
        what = held.id if held.body is None else f"{held.body.get('type')} {held.id}"
        self._report(
            Violation(
                Kind.UNEXPECTED,
                self.topic,
                self._place.partition,
                held.record.offset,
                _whose(held),
                "nothing here",
                what,
            )
        )

    def _wrong(self, kind: Kind, offset: int | None, one: Event | DeadLetter, expected: str, found: str) -> None:
        account = one.account if isinstance(one, Event) else None
        self._report(Violation(kind, self.topic, self._place.partition, offset, account, expected, found))


def _whose(found: Found) -> str | None:
    """The account that a record is about."""
    return None if found.body is None else found.body.get("subject")


def _summary(one: Event | DeadLetter) -> str:
    if isinstance(one, DeadLetter):
        return f"dead letter of {one.stream}@{one.record.offset} as {one.reason}"
    return f"{one.body['type']} {one.body['id']}"


def _size(record: Record) -> int:
    return len(record.key or b"") + len(record.value or b"") + sum(len(value or b"") for _, value in record.headers)
