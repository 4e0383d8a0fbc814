"""Logs that harm whoever reads partition 1 of them."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from oracle.faults import CannotVerify
from oracle.recorded import RecordedLogs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracle.records import Record

HURT = 1


class Hurting(RecordedLogs):
    """Like ``logs``, but for the partition that hurts. ``place`` is a directory to leave word in."""

    def __init__(self, logs: RecordedLogs, place: Path = Path()) -> None:
        super().__init__(logs.prefix, logs.records, logs.ends)
        self.place = place

    @override
    def read(self, topic: str, partition: int, start: int, end: int) -> Iterator[Record]:
        if partition == HURT and topic == "engine-journal":
            self.hurt()
        return super().read(topic, partition, start, end)

    def hurt(self) -> None:
        raise NotImplementedError


class Killing(Hurting):
    """Its reader is killed."""

    @override
    def hurt(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Breaking(Hurting):
    """Its reader meets what nobody thought of."""

    @override
    def hurt(self) -> None:
        raise ZeroDivisionError


class Lacking(Hurting):
    """It can not be read."""

    @override
    def hurt(self) -> None:
        raise CannotVerify("it is gone")


class Holding(Hurting):
    """Its reader never comes back, after it left word of where it is."""

    @override
    def hurt(self) -> None:
        (self.place / str(os.getpid())).touch()
        threading.Event().wait()
