"""What the engine keeps for itself, against what must be there: slices, position, ids of what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from oracle import ids
from oracle.compare import differences
from oracle.numbers import fraction_of
from oracle.records import SEEN, STATE
from oracle.state import decoded, due_of, is_former
from oracle.violations import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from oracle.holdings import Kept
    from oracle.records import Record
    from oracle.state import Slice

POSITION: Final = b"P"
FIELDS: Final = (
    "format", "transaction", "usage", "responses", "stream_time", "floor", "now", "version", "swept", "partitions",
)  # fmt: skip


Pair = tuple[str, str]
"""Source and id of an event."""

_IDS: Final = msgspec.msgpack.Decoder(dict[str, list[str]])


class Group(NamedTuple):
    """Records of the state log up to and with a position."""

    records: list[Record]
    position: dict[str, Any]
    at: Record

    @property
    def transaction(self) -> int:
        """The transaction that wrote the position."""
        return int(self.position["transaction"])


class StateLog:
    """The state log of one partition, transaction by transaction.

    It is compacted: a record is gone when a later one has its key. So the position of a transaction may be missing,
    and what it wrote then lies before the next position that is left.
    """

    def __init__(
        self, partition: int, records: Iterator[Record], report: Callable[[Violation], None], transaction: int
    ) -> None:
        self._partition = partition
        self._records = records
        self._report = report
        self._pending: dict[bytes, Kept] = {}
        self._before = transaction
        self._group = self._read()

    @property
    def ahead(self) -> Group | None:
        """The next position that is left, with the records before it; None at the end."""
        return self._group

    def take(self, transaction: int, kept: dict[bytes, Kept], stored: Mapping[bytes, bytes]) -> Group | None:
        """What transaction ``transaction`` wrote, compared with what it must have; None when it was compacted.

        ``stored`` is what is stored since: a slice that did not change may have been written again.
        """
        self._pending.update(kept)
        while self._group is not None and self._group.transaction < transaction:
            found = self._group.transaction
            self._wrong(Kind.POSITION, self._group.at.offset, f"the position of transaction {transaction}", str(found))
            self._group = self._read()
        group = self._group
        if group is None or group.transaction > transaction:
            return None
        whole = self._before == transaction - 1
        self._compare(group.records, stored, whole=whole)
        self._before = transaction
        self._group = self._read()
        return group if whole else None

    def finish(self, transaction: int) -> None:
        """Nothing more was written: what is left over must be in the log, and ``transaction`` be its position."""
        if self._before != transaction:
            self._wrong(Kind.POSITION, None, f"the position of transaction {transaction}", f"that of {self._before}")
        for key in self._pending:
            self._wrong(Kind.STATE, None, f"a record of {_named(key)}", "none", key)
        if self._group is not None and self._group.transaction <= transaction:
            self._wrong(Kind.POSITION, self._group.at.offset, "no further position", str(self._group.transaction))

    # --- reading --------------------------------------------------------------------------------

    def _read(self) -> Group | None:
        records: list[Record] = []
        for record in self._records:
            if record.key != POSITION:
                records.append(record)
                continue
            position = position_of(record.value)
            if position is not None:
                return Group(records, position, record)
            self._wrong(Kind.POSITION, record.offset, "a position", "something else")
        return None

    # --- comparing ------------------------------------------------------------------------------

    def _compare(self, records: list[Record], stored: Mapping[bytes, bytes], *, whole: bool) -> None:
        """``whole``: all records of the transaction are there, and of no other."""
        last = {record.key or b"": record for record in records}
        if whole and len(last) != len(records):
            self._wrong(Kind.STATE, records[0].offset, "each slice once", f"{len(records) - len(last)} again")
        for key, record in last.items():
            kept = self._pending.pop(key, None)
            if kept is None:
                if record.value is None or record.value != stored.get(key):
                    self._different(key, record, stored.get(key))
            elif record.value not in (kept.raw, kept.either or kept.raw):
                self._different(key, record, kept.raw)
        for key in list(self._pending) if whole else ():
            del self._pending[key]
            self._wrong(Kind.STATE, None, f"a record of {_named(key)}", "none", key)

    def _different(self, key: bytes, record: Record, raw: bytes | None) -> None:
        if raw is None or record.value is None or key.startswith(ids.ERASED):
            self._wrong(Kind.STATE, record.offset, repr(raw), repr(record.value), key)
            return
        if due_of(raw) != due_of(record.value):
            self._wrong(Kind.STATE, record.offset, f"due {due_of(raw)}", f"{due_of(record.value)}", key)
        try:
            sides = [decoded(key, side) for side in (raw, record.value)]
        except ValueError as error:
            self._wrong(Kind.STATE, record.offset, "a slice", str(error), key)
            return
        if is_former(record.value) and sides[0] == sides[1]:  # meters were kept with other digits
            return
        for found in differences(*map(_fields, sides)):
            self._wrong(Kind.STATE, record.offset, f"{found.where} = {found.expected}", found.found, key)

    def _wrong(self, kind: Kind, offset: int | None, expected: str, found: str, key: bytes | None = None) -> None:
        account = ids.account_of(key) if key is not None and key[:1] in (b"A", b"U", b"G") else None
        self._report(Violation(kind, STATE, self._partition, offset, account, expected, found))


def position_of(raw: bytes | None) -> dict[str, Any] | None:
    """The fields of a stored position; None when it is none."""
    try:
        values = msgspec.msgpack.decode(raw or b"")
    except ValueError:  # what msgspec raises derives from it, and so does what is no text
        return None
    whole = isinstance(values, list) and len(values) >= len(FIELDS) and all(type(value) is int for value in values)
    return dict(zip(FIELDS, values, strict=False)) if whole else None


def _fields(held: Slice) -> Any:
    """A slice by the names of its fields."""
    told = {name: msgspec.to_builtins(getattr(held, name)) for name in held.__struct_fields__}
    meters = {name: [f"{meter.value:f}", meter.period, fraction_of(meter.value)] for name, meter in held.meters.items()}
    return told | {"meters": meters}


def _named(key: bytes) -> str:
    if not key.startswith((b"A", b"U", b"G")):
        return f"key {key!r}"
    part = ids.part_of(key)
    if part is None:
        return "the account"
    return f"user {part.name!r}" if part.prop is None else f"{part.prop} {part.name!r}"


class SeenLog:
    """The log of ids counted, of one partition. Its beginning is trimmed when it could only name what is late."""

    def __init__(
        self, partition: int, records: Iterator[Record], report: Callable[[Violation], None], *, trimmed: bool
    ) -> None:
        self._partition = partition
        self._records = records
        self._report = report
        self._trimmed = trimmed
        self._skipped = -1
        self._next = next(records, None)

    def take(self, expected: dict[int, list[Pair]]) -> list[Record] | None:
        """The records of one transaction, compared with the ids by hour it counted; None when some were trimmed."""
        left, found = {hour: set(known) for hour, known in expected.items()}, []
        while left and self._next is not None:
            hour, pairs = int.from_bytes(self._next.key or b"", "big"), pairs_of(self._next.value)
            if not pairs or not left.get(hour, set()).issuperset(pairs):
                break
            left[hour].difference_update(pairs)
            if not left[hour]:
                del left[hour]
            found.append(self._next)
            self._next = next(self._records, None)
            self._trimmed = False
        if self._trimmed:
            self._skipped = max((self._skipped, *left))
        elif left:
            self._report_missing(left)
        return None if left else found

    def _report_missing(self, left: dict[int, set[Pair]]) -> None:
        """Say what is missing; a record that is there of the same hour, with other ids, is taken for it."""
        for hour, known in left.items():
            record = self._next
            if record is not None and record.key == hour.to_bytes(8, "big"):
                self._wrong(record.offset, _ids(hour, known), _ids(hour, pairs_of(record.value) or ()))
                self._next = next(self._records, None)
            else:
                self._wrong(None, _ids(hour, known), "nothing")

    def finish(self, floor: int, settled: int) -> None:
        """Nothing more was counted; ``floor`` is the hour before which all is late."""
        if self._skipped >= floor:
            self._wrong(None, f"ids of hour {self._skipped}, which may still come again", "they were trimmed")
        if self._next is not None and self._next.offset < settled:
            self._wrong(self._next.offset, "nothing more", f"{len(pairs_of(self._next.value) or ())} ids")

    def _wrong(self, offset: int | None, expected: str, found: str) -> None:
        self._report(Violation(Kind.SEEN, SEEN, self._partition, offset, None, expected, found))


def pairs_of(raw: bytes | None) -> list[Pair] | None:
    """Source and id of each event in a record of ids; None when it is none, or one of them stands in it twice."""
    try:
        by_source = _IDS.decode(raw or b"")
    except ValueError:  # what msgspec raises derives from it, and so does what is no text
        return None
    pairs = [(source, one) for source, known in by_source.items() for one in known]
    return pairs if len(set(pairs)) == len(pairs) else None


def _ids(hour: int, known: Iterable[Pair]) -> str:
    parts = sorted(f"{source} {one}" for source, one in known)
    return f"{len(parts)} ids of hour {hour} ({', '.join(parts[:4])}{' ...' * (len(parts) > 4)})"  # noqa: PLR2004 - as many as fit a line
