"""What a partition's task reads, and what of it is put back, to be handled in a later go."""

from collections.abc import Mapping, Sequence

from services.kit.kafka.reader import Log, Raw
from services.trigger_engine.ports import Logs


class Reading:
    """The logs that a task works on. What was put back comes first, and counts as not read.

    ``again``: what `read` gave last had been put back.
    """

    def __init__(self, logs: Logs) -> None:
        self.again = False
        self._logs = logs
        self._back: dict[Log, Sequence[Raw]] = {}
        self._alone = False

    async def read(self, timeout_ms: int, limit: int) -> Mapping[Log, Sequence[Raw]]:
        """The next records of each log, at most ``limit`` of all together; empty after ``timeout_ms`` without any.

        What was put back comes without anything else: the first alone, since it may have to be put back again, and
        then all the others.
        """
        self.again = bool(self._back)
        if not self._back:
            return await self._logs.read(timeout_ms, limit)
        log, records = self._back.popitem()
        count, self._alone = 1 if self._alone else len(records), False
        if count < len(records):
            self._back[log] = records[count:]
        return {log: records[:count]}

    def put_back(self, log: Log, records: Sequence[Raw]) -> None:
        """These, the last that were read of ``log``, are still to be handled."""
        self._back[log] = [*records, *self._back.get(log, ())]
        self._alone = True

    def position(self, log: Log) -> int | None:
        """The next offset to be handled; None while nothing is known of it."""
        back = self._back.get(log)
        return back[0].offset if back else self._logs.position(log)

    def at_end(self, log: Log) -> bool:
        """Whether all that is known to be committed was handled."""
        return log not in self._back and self._logs.at_end(log)
