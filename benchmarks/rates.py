"""What a run has shown: how far it was at what time, and what that makes a second and a second of CPU."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WARM_SHARE: Final = 0.35
"""Of the events, at the beginning of a run: start, first touch of accounts, caches, a JIT. Not measured."""

END_SHARE: Final = 0.97
"""Up to here is measured: at the very end some partitions have run dry."""


@dataclass(frozen=True)
class Progress:
    """``count`` events were done at ``seconds`` (any clock, the same throughout a run)."""

    seconds: float
    count: int


@dataclass
class CpuUse:
    """CPU seconds a process had used, by time on the same clock as the progress."""

    seconds: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)

    def add(self, at: float, used: float) -> None:
        """A reading."""
        self.seconds.append(at)
        self.used.append(used)

    def at(self, seconds: float) -> float:
        """Interpolated between the readings around it."""
        index = bisect_left(self.seconds, seconds)
        if index == 0 or index == len(self.seconds):
            return self.used[min(index, len(self.used) - 1)]
        before, after = self.seconds[index - 1], self.seconds[index]
        share = (seconds - before) / (after - before) if after > before else 0.0
        return self.used[index - 1] + share * (self.used[index] - self.used[index - 1])


@dataclass(frozen=True)
class Rate:
    """Events per second, and per second of the process's own CPU (None when that was not looked at)."""

    per_second: float
    per_cpu_second: float | None = None


def rate(progress: Sequence[Progress], cpu: CpuUse | None = None) -> Rate:
    """The rate over the steady part of a run; raises ``ValueError`` when there is none."""
    total = progress[-1].count if progress else 0
    first = next((point for point in progress if point.count >= total * WARM_SHARE), None)
    last = next((point for point in progress if point.count >= total * END_SHARE), None)
    if first is None or last is None or last.seconds <= first.seconds:
        raise ValueError(f"no steady part in a run of {len(progress)} points and {total} events")
    done, took = last.count - first.count, last.seconds - first.seconds
    if cpu is None or not cpu.seconds:
        return Rate(done / took)
    used = cpu.at(last.seconds) - cpu.at(first.seconds)
    return Rate(done / took, done / used if used > 0 else None)


@dataclass(frozen=True)
class Spread:
    """Several readings of one thing."""

    readings: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.readings)

    def told(self, digits: int = 2, scale: float = 1.0, unit: str = "") -> str:
        """Median and range, as ``12.3k (11.8-12.9)``."""
        low, high, mid = min(self.readings) / scale, max(self.readings) / scale, self.median / scale
        return f"{mid:.{digits}f}{unit} ({low:.{digits}f}-{high:.{digits}f})"


def percentile(readings: Sequence[float], share: float) -> float:
    """The smallest reading that at least ``share`` of all do not exceed (nearest rank)."""
    ordered = sorted(readings)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def percentiles(readings_ms: Sequence[float], digits: int = 0) -> str:
    """Three of them in words."""
    told = " / ".join(f"{percentile(readings_ms, share):.{digits}f}" for share in (0.5, 0.95, 0.99))
    return f"p50/p95/p99 {told} ms"
