"""All that it takes to verify one partition, in this process or in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from oracle.lateness import lateness_of
from oracle.partition import Partition
from oracle.replay import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from oracle.horizon import Horizon
    from oracle.language.rules import Rules
    from oracle.partition import Numbers
    from oracle.records import Logs
    from oracle.start import Start
    from oracle.violations import Violation


class Task(NamedTuple):
    """Partition ``partition`` of ``partitions``. ``lateness`` in microseconds; None: what the journal tells."""

    logs: Logs
    partition: int
    partitions: int
    lateness: int | None
    start: Start
    horizon: Horizon
    sets: Mapping[int, Rules]

    def run(self, found: Callable[[Violation], None]) -> Numbers:
        """Work it out anew and compare; tell each violation as it is found. Raises `CannotVerify`."""
        lateness, is_said = self.lateness, self.lateness is not None
        if lateness is None:
            lateness = lateness_of(self.logs, self.partition, self.horizon)
        place = Place(self.logs.prefix, self.partition, self.partitions, lateness, is_said)
        return Partition(self.logs, place, self.start, self.horizon, found).run(self.sets)
