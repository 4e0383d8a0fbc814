"""Stages on the way from a usage event to a fetchable offer, as Kafka headers.

They are readings of clocks, so they stand beside the event and never in it: a replay gives the same bytes.
"""

from enum import StrEnum
from typing import Final

MAX_DIGITS: Final = 15
"""Digits of a time in milliseconds: until the year 33658; more can only be a mistake."""


class Stage(StrEnum):
    """In the order of the flow. The first four travel with the record, the rest is measured where it happens."""

    PRODUCED = "produced"  # the broker's record of the usage event carries this time
    CONSUMED = "consumed"  # the engine has it in hand
    DECIDED = "decided"  # the core has decided
    PUBLISHED = "published"  # the offer's record was handed to Kafka, inside the transaction
    STORED = "stored"  # the offer is in the database: fetchable
    DELIVERED = "delivered"  # written to a stream that waited for it


HEADER_PREFIX: Final = "rung_"
"""`rung_produced` and so on; the value is milliseconds since 1970 UTC in ASCII digits."""


def stages_to_headers(times: dict[Stage, int]) -> list[tuple[str, bytes]]:
    """Headers for ``times`` (milliseconds since 1970 UTC)."""
    return [(HEADER_PREFIX + stage, str(ms).encode()) for stage, ms in times.items()]


def stages_from_headers(headers: tuple[tuple[str, bytes], ...]) -> dict[Stage, int]:
    """The times that ``headers`` carry, in milliseconds since 1970 UTC; what is missing or broken is left out."""
    by_name = {HEADER_PREFIX + stage: stage for stage in Stage}
    return {
        by_name[name]: int(value)
        for name, value in headers
        if name in by_name and value and value.isdigit() and len(value) <= MAX_DIGITS
    }
