"""Records as the client's C parser makes them, a batch at a time.

The client wraps each record in a dataclass (about 1.5 us), and takes three steps of Python for each (0.15 us). Here its
own walk over what was fetched stays as it is: it leaves out what was aborted and what controls. But it walks over
batches, each of which it takes for one record.

This leans on private classes of aiokafka. It is used only where they look as they were found to; else records come the
long way, slower and otherwise the same. Only consumers that ask for it, by the deserializer `as_it_is`, get light
records.
"""

from collections.abc import Iterator
from typing import Any, Final

import aiokafka
from aiokafka.consumer import fetcher
from typing_extensions import override

KNOWN: Final = "0.14."
"""The line of aiokafka in which `PartitionRecords` and `FetchResult` were read."""


def as_it_is(raw: bytes) -> bytes:
    """The key deserializer that asks for light records, and changes nothing where there are none."""
    return raw


def _is_known() -> bool:
    records, result = getattr(fetcher, "PartitionRecords", None), getattr(fetcher, "FetchResult", None)
    return (
        aiokafka.__version__.startswith(KNOWN)
        and all(hasattr(records, name) for name in ("_consumer_record", "_unpack_records"))
        and all(hasattr(result, name) for name in ("getall", "getone", "check_assignment", "_update_position"))
    )


class Run:
    """The records of a batch, from where reading begins, as one: ``offset`` is that of the last."""

    __slots__ = ("offset", "records")

    def __init__(self, records: list[Any]) -> None:
        self.records = records
        self.offset: int = records[-1].offset


class Batch:
    """A batch that holds one record, its `Run`; anything else is as it is."""

    def __init__(self, batch: Any, begin: int) -> None:
        self._batch = batch
        self._begin = begin

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        """The first record itself: what controls is looked into."""
        return next(self._batch)

    def __iter__(self) -> Iterator[Run]:
        """None when nothing is left of it from where reading begins."""
        records = list(self._batch)
        if records and records[0].offset < self._begin:  # a batch is fetched whole
            records = [record for record in records if record.offset >= self._begin]
        return iter([Run(records)] if records else [])


class Batches:
    """What was fetched, batch by batch."""

    def __init__(self, batches: Any, begin: int) -> None:
        self._batches = batches
        self._begin = begin
        self.has_next = batches.has_next

    def next_batch(self) -> Batch:
        """The one at hand."""
        return Batch(self._batches.next_batch(), self._begin)


if _is_known():

    class LightRecords(fetcher.PartitionRecords):
        """Hands out what the parser made: ``offset``, ``timestamp``, ``key``, ``value``, ``headers``."""

        def __init__(self, tp: Any, records: Any, aborted: Any, begin: int, *told: Any) -> None:
            super().__init__(tp, records, aborted, begin, *told)  # type: ignore[no-untyped-call]  # as it is there
            self.is_light = self._key_deserializer is as_it_is
            self._run: list[Any] = []
            self._at = 0
            if self.is_light:
                self._records = Batches(records, begin)

        @override
        def _consumer_record(self, tp: Any, record: Any) -> Any:
            return record if self.is_light else super()._consumer_record(tp, record)  # type: ignore[no-untyped-call]  # as above

        def taken(self, limit: int | None) -> list[Any]:
            """The next records, at most ``limit``; fewer only at the end."""
            found: list[Any] = []
            while limit is None or len(found) < limit:
                if self._at == len(self._run):
                    run = next(self, None)
                    if run is None:
                        return found
                    self._run, self._at = run.records, 0
                some = self._run[self._at : None if limit is None else self._at + limit - len(found)]
                self._at += len(some)
                found.extend(some)
            self.next_fetch_offset = found[-1].offset + 1  # of a batch as a whole it is known already
            return found

    class LightResult(fetcher.FetchResult):
        """What was fetched of a partition and not handed out yet."""

        @override
        def getall(self, max_records: int | None = None) -> list[Any]:
            records = self._partition_records
            if records is None or not records.is_light:
                return super().getall(max_records)  # type: ignore[no-any-return, no-untyped-call]  # as it is there
            if not self.check_assignment(self._topic_partition):  # type: ignore[no-untyped-call]  # as above
                return []
            found: list[Any] = records.taken(max_records)
            self._update_position()  # type: ignore[no-untyped-call]  # as above
            if max_records is None or len(found) < max_records:
                self._partition_records = None
            return found

        @override
        def getone(self) -> Any:
            records = self._partition_records
            if records is None or not records.is_light:
                return super().getone()  # type: ignore[no-untyped-call]  # as above
            return next(iter(self.getall(1)), None)

    fetcher.PartitionRecords = LightRecords  # type: ignore[misc]  # that is the point
    fetcher.FetchResult = LightResult  # type: ignore[misc]  # as above
