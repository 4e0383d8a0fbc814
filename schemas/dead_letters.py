"""Dead letters: messages that no one can act on, kept whole.

A dead letter is the original record: its key, value and headers unchanged, plus the headers named here. So it can be
mended and sent again, and never grows beyond what the broker took the first time.

Of a record that is set aside since the broker would not take what came of it (``too_large``) only the beginning of the
value may be there, or nothing but the headers named here and the beginning of the key. The record lies in its log.
"""

from enum import StrEnum
from typing import Final

REASON: Final = "rung_reason"
DETAIL: Final = "rung_detail"
TOPIC: Final = "rung_topic"
PARTITION: Final = "rung_partition"
OFFSET: Final = "rung_offset"
ID: Final = "rung_dead_letter_id"


class DeadLetterReason(StrEnum):
    """Why a message could not be handled. Part of the wire: add, never rename."""

    UNREADABLE = "unreadable"  # not a CloudEvent in JSON
    INVALID = "invalid"  # a CloudEvent, but not of the shape its type asks for
    TOO_LARGE = "too_large"  # beyond 32 KiB, nested deeper than 32, or more than 255 properties
    FAR_FUTURE = "far_future"  # its time is more than 5 min ahead of the engine's now
    LATE = "late"  # counted usage from before the floor of lateness
    WRONG_PARTITION = "wrong_partition"  # the key is not the subject, or belongs to another partition
    UNKNOWN_OFFER = "unknown_offer"  # a response to an offer that this account never had
