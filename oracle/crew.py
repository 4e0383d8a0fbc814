"""Processes that verify partitions side by side, each one after another.

A process that dies is told as a partition that is not verified, never as one without a violation. All end with the
one who asked: when it is done, when it is interrupted (they do not hear the terminal), and when it is killed.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from contextlib import closing, contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import TYPE_CHECKING, Final, Self, cast

from oracle.faults import CannotVerify
from oracle.turns import Turns
from oracle.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from oracle.partition import Numbers
    from oracle.task import Task

    Heard = Violation | Numbers | CannotVerify

END_S: Final = 5.0
"""For a process to end before it is killed; it has nothing to tidy up."""


class Crew:
    """At most ``size`` processes, started when there is something to do. Use as a context manager."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes, also those at work."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()

    def run(self, tasks: Sequence[Task], found: Callable[[Violation], None]) -> list[Numbers]:
        """Do all ``tasks``; tell what they find, and give back what they went through, in their order.

        Raises `CannotVerify` for the first that can not be done; the processes have ended then.
        """
        turns = Turns(found)
        try:
            while len(self._workers) < min(self._size, len(tasks)):
                self._workers.append(_Worker())
                self._workers[-1].start()
            self._run(deque(enumerate(tasks)), turns)
        except BaseException:  # whatever it is: nobody waits any more for what the others would find
            self.close()
            raise
        return turns.told

    def _run(self, left: deque[tuple[int, Task]], turns: Turns) -> None:
        idle = list(self._workers)
        at_work: dict[object, tuple[int, _Worker]] = {}
        while left or at_work:
            while left and idle:
                (number, task), worker = left.popleft(), idle.pop()
                worker.give(task)
                at_work[worker.connection] = number, worker
            for connection in wait([worker.connection for _, worker in at_work.values()]):
                number, worker = at_work[connection]
                heard = worker.hear()
                if isinstance(heard, Violation):
                    turns.found(number, heard)
                else:
                    del at_work[connection]
                    idle.append(worker)
                    turns.ended(number, heard)


class _Worker:
    """One process, seen from the one who asked."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.connection, self._theirs = context.Pipe()
        self._partition: int | None = None
        self._process = context.Process(target=_work, args=(self._theirs,), daemon=True)

    def start(self) -> None:
        with _deaf_to_the_terminal():
            self._process.start()
        self._theirs.close()

    def give(self, task: Task) -> None:
        self._partition = task.partition
        with suppress(OSError):  # it is dead, as will be heard
            self.connection.send(task)

    def hear(self) -> Heard:
        """The next that it has to tell of its task; the last is no violation."""
        try:
            return cast("Heard", self.connection.recv())
        except (EOFError, OSError):
            self._process.join(END_S)
            return CannotVerify(f"partition {self._partition} is not verified: its process {self._how()}")

    def _how(self) -> str:
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def end(self) -> None:
        if self._process.pid is not None:  # else an interrupt came before it was started
            self._process.terminate()
            self._process.join(END_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self.connection.close()
        self._theirs.close()


@contextmanager
def _deaf_to_the_terminal() -> Iterator[None]:
    """A process that is started here never gets SIGINT: who asked ends it."""
    resource_tracker.ensure_running()  # when it starts the first process of all, this lets SIGINT through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the process ---------------------------------------------------------------------------------


def _work(connection: Connection) -> None:
    Thread(target=_end_with_the_one_who_asked, daemon=True).start()
    with suppress(EOFError):
        while True:
            task: Task = connection.recv()
            with closing(task.logs):
                connection.send(_done(task, connection.send))


def _done(task: Task, found: Callable[[Violation], None]) -> Numbers | CannotVerify:
    try:
        return task.run(found)
    except CannotVerify as fault:
        return fault


def _end_with_the_one_who_asked() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
