"""A whole deployment: every partition, worked out anew and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oracle.crew import Crew
from oracle.faults import CannotVerify
from oracle.horizon import Horizon
from oracle.kafka import KafkaLogs
from oracle.partition import Numbers
from oracle.sets import sets_of
from oracle.start import Start
from oracle.task import Task
from oracle.times import SECOND
from oracle.violations import Violation

if TYPE_CHECKING:
    from oracle.records import Logs


@dataclass
class Report:
    """What was found, and what it was found in."""

    violations: list[Violation] = field(default_factory=list)
    partitions: dict[int, Numbers] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Records of the intake that no transaction has taken yet."""
        return sum(numbers.waiting for numbers in self.partitions.values())

    def total(self, name: str) -> int:
        """One of the numbers of `Numbers`, over all partitions."""
        return sum(int(getattr(numbers, name)) for numbers in self.partitions.values())


@dataclass(frozen=True)
class Options:
    """How to verify.

    ``starts``: where to begin with each partition, by default at its very beginning. ``lateness_s``: how late usage may
    be, by default what the journal tells. ``on_found`` is told of each violation as it is found, in the order of the
    partitions. ``wait`` lets time pass while the ends of the logs are taken. ``crew``: processes that verify partitions
    side by side; without one it is done here.
    """

    starts: Mapping[int, Start] | None = None
    lateness_s: int | None = None
    on_found: Callable[[Violation], None] | None = None
    wait: Callable[[float], None] = time.sleep
    crew: Crew | None = None


def verify(logs: Logs, options: Options | None = None) -> Report:
    """Verify every partition of ``logs``. Raises `CannotVerify`."""
    how, report = options or Options(), Report()

    def found(violation: Violation) -> None:
        report.violations.append(violation)
        if how.on_found is not None:
            how.on_found(violation)

    horizon = Horizon(logs, how.wait)
    sets = sets_of(logs)
    count = logs.partitions()
    if how.starts is not None and set(how.starts) != set(range(count)):
        raise CannotVerify(f"the snapshot has {len(how.starts)} partitions, and there are {count}")
    lateness = None if how.lateness_s is None else how.lateness_s * SECOND
    tasks = [
        Task(logs, number, count, lateness, Start() if how.starts is None else how.starts[number], horizon, sets)
        for number in range(count)
    ]
    done = [task.run(found) for task in tasks] if how.crew is None else how.crew.run(tasks, found)
    report.partitions.update(enumerate(done))
    return report


def check(bootstrap: str, prefix: str) -> list[Violation]:
    """Everything that is wrong with the deployment under ``prefix``; nothing when it is right."""
    with KafkaLogs(bootstrap, prefix) as logs:
        return verify(logs).violations
