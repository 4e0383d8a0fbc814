"""What a supervisor is told to run, and what it says of itself: two JSON files in the stack's directory."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_S = TypeVar("_S", bound=msgspec.Struct)


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One program of ours that runs on Kafka and PostgreSQL."""

    name: str
    command: tuple[str, ...]
    ports: dict[str, int]
    """Environment variable that names a port, and the port it gets if that is free."""
    health: str
    """The variable of the port that answers ``GET /readyz``."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One program that must have ended well before the services start."""

    name: str
    command: tuple[str, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One stack, as its starter wants it."""

    name: str
    home: str
    java_home: str | None
    runs: tuple[str, ...]
    """Which of ``kafka`` and ``postgres`` to start; one that is neither here nor external is absent."""
    kafka_external: str | None
    database_external: str | None
    steps: tuple[Step, ...]
    services: tuple[Service, ...]
    environment: dict[str, str]
    """Given to the steps and services in addition."""
    directory: str
    """Where the services run."""
    tied_to: int | None
    """The process with which the stack ends."""


class PartPhase(StrEnum):
    """Where a part is in its life."""

    EXTERNAL = "external"  # not ours: named by the environment
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing off"  # ended by itself, will be started again
    DOWN = "down"  # ended or killed, stays so until someone starts it
    STOPPED = "stopped"  # ended as it was asked to


class PartState(msgspec.Struct, kw_only=True):
    """One part, now."""

    name: str
    phase: PartPhase
    endpoint: str = ""
    pid: int | None = None
    ports: dict[str, int] = {}
    exits: int | None = None
    """How the last process ended: its exit code, or minus the signal."""
    restarts: int = 0
    """How often it was started again because it had ended by itself."""
    log: str = ""


class StackPhase(StrEnum):
    """Where the stack is in its life."""

    STARTING = "starting"  # Kafka and PostgreSQL come up
    RUNNING = "running"  # they are ready, the services have been started
    STOPPING = "stopping"
    FAILED = "failed"


class State(msgspec.Struct, kw_only=True):
    """The stack, now."""

    name: str
    pid: int
    phase: StackPhase
    error: str | None = None
    kafka_bootstrap: str | None = None
    database_url: str | None = None
    jwks: str | None = None
    parts: list[PartState] = []

    def part(self, name: str) -> PartState | None:
        """The part of that name."""
        return next((part for part in self.parts if part.name == name), None)


def write(path: Path, content: msgspec.Struct) -> None:
    """Write for people and programs to read; a reader sees the old or the new, never a half."""
    half = path.with_suffix(".half")
    half.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    half.chmod(0o600)  # addresses of servers that ask for no password
    half.replace(path)


def read(path: Path, kind: type[_S]) -> _S | None:
    """What was written; None when nothing was, or another version wrote it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
