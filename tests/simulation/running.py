"""Many seeds on all cores, and what to say of them."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from services.trigger_engine.domain.playbook import succession
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set
from tests.simulation.bugs import BUGS
from tests.simulation.shell import Shell
from tests.simulation.world import Verdict, simulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

REGRESSIONS: Final = Path(__file__).parent / "regressions.txt"
"""Seeds that have failed once, with what they found; they are run each time."""

CHUNK: Final = 20
"""Seeds given to a worker at once: a second or so of work."""

ENOUGH: Final = 300
"""A run of fewer seeds may by chance not meet with everything."""

MUST_BE_REACHED: Final = frozenset(
    {
        "a commit that was settled as without effect",
        "a commit that was settled as done",
        "a foreign transaction was left open",
        "a late end took effect",
        "a late fence took effect",
        "a late frame of an old epoch was refused",
        "a log could not be read, and was tried again",
        "a moment of absence",
        "a moment of attempt",
        "a moment of becomes",
        "a moment of forecast",
        "a moment of growth",
        "a moment of habit",
        "a moment of limit",
        "a moment of milestone",
        "a moment of onboarding",
        "a moment of outcome",
        "a moment of sequence",
        "a moment of tenure",
        "a partition came back to a warm memory",
        "a process ended with PositionGone",
        "a record was set aside, since the broker would not take what came of it",
        "a restore was interrupted twice",
        "a slice of a value of a property",
        "a sweep",
        "a tick",
        "a tick left timers for later",
        "a transaction was open at restore",
        "a zombie woke after the takeover",
        "doubt of an end that did not, or not yet",
        "doubt of an end that took effect",
        "fenced in the middle of a commit",
        "ids were trimmed",
        "the floor rose, since ids were too many",
        "the version changed",
        "time before usage left timers for later",
        "time went by the log",
    }
)
"""What a run of many seeds has to meet with; one that does not is blind to it."""


@dataclass
class Report:
    """What came of a run. ``took_s`` is on the wall."""

    seeds: int = 0
    failed: list[Verdict] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def blind_to(self) -> list[str]:
        """What should have been met with and was not."""
        return sorted(MUST_BE_REACHED - self.reached.keys()) if self.seeds >= ENOUGH else []

    @property
    def per_minute(self) -> float:
        return self.seeds / self.took_s * 60 if self.took_s else 0.0

    def lines(self) -> Iterator[str]:
        """One line for each failing seed, which repeats it; then what was reached."""
        for verdict in self.failed:
            yield f"make simulate FIRST={verdict.seed} SEEDS=1  # {verdict.failures[0]}"
        for name, count in sorted(self.reached.items()):
            yield f"{count:>7} seeds: {name}"
        for name in self.blind_to:
            yield f"  blind: no seed reached: {name}"
        yield f"{self.seeds} seeds, {len(self.failed)} failed, {self.per_minute:.0f} a minute"


def regressions() -> list[int]:
    """The seeds of the regression list."""
    lines = (line.partition("#")[0].strip() for line in REGRESSIONS.read_text().splitlines())
    return [int(line) for line in lines if line]


def remember(report: Report, path: Path = REGRESSIONS) -> None:
    """Add the seeds that failed to the regression list."""
    known = {line.partition(" ")[0] for line in path.read_text().splitlines()}
    with path.open("a") as listed:
        for verdict in report.failed:
            if str(verdict.seed) not in known:
                listed.write(f"{verdict.seed}  # {verdict.failures[0]}\n")


def workers(count: int = 2) -> ProcessPoolExecutor:
    """Processes for simulations alone; making them takes longer than a hundred seeds, so they are shared."""
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=prepare)


def run(pool: ProcessPoolExecutor, seeds: Iterable[int]) -> Report:
    """Run all ``seeds``."""
    return _judge(pool, seeds, None)


def hunt(pool: ProcessPoolExecutor, bug: str, seeds: Iterable[int]) -> Report:
    """Run ``seeds`` on a shell with this bug, until it is found."""
    return _judge(pool, seeds, bug)


def _judge(pool: ProcessPoolExecutor, seeds: Iterable[int], bug: str | None) -> Report:
    began = time.monotonic()
    report = Report()
    todo = list(seeds)
    coming = [pool.submit(_chunk, todo[start : start + CHUNK], bug) for start in range(0, len(todo), CHUNK)]
    for chunk in coming:
        _count(report, chunk.result())
        if bug is not None and report.failed:
            break
    for chunk in coming:
        chunk.cancel()
    report.took_s = time.monotonic() - began
    return report


def _count(report: Report, verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        report.seeds += 1
        report.reached.update(name for name, times in verdict.reached.items() if times)
        if verdict.failures:
            report.failed.append(verdict)


def compiled_once(files: Sequence[tuple[str, str]], version: int) -> CompiledSet:
    """A set as `compile_set` makes it; each engine of each seed would, which is half of all that a seed takes."""
    made = _compiled(tuple(files), version)
    if isinstance(made, SetRefused):
        raise SetRefused(made.problems)
    return made


@cache
def _compiled(files: tuple[tuple[str, str], ...], version: int) -> CompiledSet | SetRefused:
    try:
        return compile_set(files, version)
    except SetRefused as refused:
        return refused


def prepare() -> None:
    """A process for simulations alone: no logs, sets are compiled once, and rubbish is collected between seeds."""
    succession.compile_set = compiled_once  # type: ignore[attr-defined]  # what it gives can not be changed
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()


def _chunk(seeds: list[int], bug: str | None) -> list[Verdict]:
    variant = Shell if bug is None else BUGS[bug]
    gc.disable()
    verdicts: list[Verdict] = []
    for seed in seeds:
        verdicts.append(simulate(seed, variant))
        if bug is not None and verdicts[-1].failures:
            break
    gc.enable()
    gc.collect()
    return verdicts
