"""Records as the client's C parser makes them, without the dataclass that it wraps each one in (about 1.5 us).

This leans on a private class of aiokafka. It is used only where it looks as it was found to; else records come the long
way, a little slower and otherwise the same. Only consumers that ask for it, by the deserializer `as_it_is`, get light
records.
"""

from typing import Any, Final

import aiokafka
from aiokafka.consumer import fetcher
from typing_extensions import override

KNOWN: Final = "0.14."
"""The line of aiokafka in which `PartitionRecords` was read."""


def as_it_is(raw: bytes) -> bytes:
    """The key deserializer that asks for light records, and changes nothing where there are none."""
    return raw


def _is_known() -> bool:
    found = getattr(fetcher, "PartitionRecords", None)
    return aiokafka.__version__.startswith(KNOWN) and hasattr(found, "_consumer_record")


if _is_known():

    class LightRecords(fetcher.PartitionRecords):
        """Hands out what the parser made: ``offset``, ``timestamp``, ``key``, ``value``, ``headers``."""

        @override
        def __iter__(self) -> Any:
            """Without the step between, which is as long as the one behind it."""
            return self._records_iterator if self._key_deserializer is as_it_is else self

        @override
        def _consumer_record(self, tp: Any, record: Any) -> Any:
            if self._key_deserializer is as_it_is:
                return record
            return super()._consumer_record(tp, record)  # type: ignore[no-untyped-call]  # so it is there

    fetcher.PartitionRecords = LightRecords  # type: ignore[misc]  # that is the point
