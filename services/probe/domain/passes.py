"""One pass through the whole flow: how long each part took, or which part of it failed."""

from dataclasses import dataclass
from enum import StrEnum


class Failure(StrEnum):
    """The part of the flow that failed, as far as it can be told from outside; the first in the order of the flow."""

    NOT_PRODUCED = "not_produced"  # Kafka did not take the event
    REFUSED = "refused"  # the offer API does not let the probe in
    UNREACHABLE = "unreachable"  # the offer API did not answer, or said that it can not
    NOT_FETCHABLE = "not_fetchable"  # the offer API answers, and did not have the offer in time
    NOT_PUSHED = "not_pushed"  # the offer could be fetched, and did not come down the stream in time


class Failed(Exception):
    """A part of the pass failed.

    Attributes:
        failure: Which.
        detail: What was seen, in one line.
    """

    def __init__(self, failure: Failure, detail: str) -> None:
        self.failure = failure
        self.detail = detail
        super().__init__(f"{failure}: {detail}")


@dataclass(frozen=True, slots=True)
class Pass:
    """What became of one pass. Seconds from just before the event was sent; None: not in time, or not tried.

    ``failed`` is None when all of it went through.
    """

    partition: int
    account: str
    fetchable_s: float | None = None
    pushed_s: float | None = None
    failed: Failed | None = None
