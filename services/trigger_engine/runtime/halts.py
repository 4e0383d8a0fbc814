"""Halts: what an engine refuses to work on, by name. Each has an exit code, a metric and a page in the runbooks."""

from typing import ClassVar

from services.kit.errors import Fatal
from services.kit.kafka.reader import Bounds, Log
from services.trigger_engine.metrics import Halt

DATA_ERROR = 65
"""EX_DATAERR of sysexits.h: a supervisor may try again, and it will not help before somebody has looked."""

CONFIG_ERROR = 78
"""EX_CONFIG of sysexits.h: restarting does not help."""


class Halted(Fatal):
    """An engine can not work on a partition without losing or doubling something."""

    halt: ClassVar[Halt]
    exit_code = DATA_ERROR

    @property
    def runbook(self) -> str:
        """The page that tells what to do, from the top of the repository."""
        return f"docs/runbooks/{self.halt.value}.md"


class PositionGone(Halted):
    """An input log no longer holds the position that the state stopped at; nothing is skipped silently.

    Attributes:
        where: Which log.
        position: The next offset to read.
        bounds: What there is of the log.
    """

    halt = Halt.POSITION_GONE

    def __init__(self, where: Log, position: int, bounds: Bounds) -> None:
        self.where = where
        self.position = position
        self.bounds = bounds
        super().__init__(
            f"{where.topic}[{where.partition}] is kept from {bounds.first} to {bounds.written}, and the state stopped "
            f"at {position}: retention passed it or the topic was made anew; restore the log, or start again with a "
            "new topic prefix"
        )


class StateTruncated(Halted):
    """The journal knows of transactions that the state log does not have: part of the state is lost.

    Attributes:
        partition: Which one.
        journaled: The last transaction that the journal knows.
        stored: The last one that the state knows; 0 when there is no state.
    """

    halt = Halt.STATE_TRUNCATED

    def __init__(self, partition: int, journaled: int, stored: int) -> None:
        self.partition = partition
        self.journaled = journaled
        self.stored = stored
        super().__init__(
            f"partition {partition}: the journal ends with transaction {journaled}, and the state with {stored}: the "
            "state log was truncated or made anew; restore it, or rebuild with a new topic prefix"
        )


class PartitionsChanged(Halted):
    """The topics have another number of partitions than when the state was written: accounts would be split.

    Attributes:
        before: Number of partitions that the state was written with.
        now: Number of partitions.
    """

    halt = Halt.PARTITIONS_CHANGED
    exit_code = CONFIG_ERROR

    def __init__(self, before: int, now: int) -> None:
        self.before = before
        self.now = now
        super().__init__(
            f"the state was written with {before} partitions, and the topics have {now}: the number can not change; "
            "replay into a new topic prefix"
        )


class StateNewerThanCode(Halted):
    """The state was written by a newer version of the engine.

    Attributes:
        what: Which part of it.
        found: Its format.
    """

    halt = Halt.STATE_NEWER
    exit_code = CONFIG_ERROR

    def __init__(self, what: str, found: int) -> None:
        self.what = what
        self.found = found
        super().__init__(f"{what} has format {found}, which this version can not read: run the newer version again")


class TooManyInvalid(Halted):
    """Nothing but dead letters for a long run: the fault is probably not in the messages.

    Attributes:
        run: How many in a row.
        reason: Of the last.
    """

    halt = Halt.TOO_MANY_INVALID

    def __init__(self, run: int, reason: str) -> None:
        self.run = run
        self.reason = reason
        super().__init__(f"{run} messages in a row could not be handled, the last as {reason}: see rung.dead-letters")
