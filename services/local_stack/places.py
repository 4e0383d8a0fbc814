"""Where everything lives: downloads that are kept, and one directory per stack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.local_stack.errors import Refused

DEFAULT_NAME: Final = "main"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# others may pass, so that PostgreSQL, which does not run as root, can reach its data
_OPEN_DIRECTORY: Final = 0o755


@dataclass(frozen=True)
class StackPlace:
    """The directory of one stack."""

    name: str
    root: Path

    @property
    def lock(self) -> Path:
        """Held by the supervisor and all its children: held means that some of them live."""
        return self.root / "lock"

    @property
    def door(self) -> Path:
        """Held while someone starts or stops the stack, so that two who do so take turns."""
        return self.root / "door"

    @property
    def state(self) -> Path:
        """What the supervisor last said of itself, as JSON."""
        return self.root / "state.json"

    @property
    def plan(self) -> Path:
        """What the supervisor was told to run, as JSON."""
        return self.root / "plan.json"

    @property
    def socket(self) -> Path:
        """Where the supervisor takes requests."""
        return self.root / "control.sock"

    @property
    def logs(self) -> Path:
        """One file per part."""
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        """Development keys."""
        return self.root / "keys"

    @property
    def kafka(self) -> Path:
        """Data of the broker."""
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        """Data of PostgreSQL, where its user can reach it."""
        return self.root / "postgres"

    @property
    def passing(self) -> Path:
        """Marks a stack whose data its owner does not want to keep."""
        return self.root / "passing"

    def log(self, part: str) -> Path:
        """The log of one part."""
        return self.logs / f"{part}.log"

    def make(self) -> None:
        """Create the directories. Changes nothing when they exist."""
        for directory in (self.root.parent.parent, self.root.parent, self.root, self.logs):
            if not directory.exists():
                directory.mkdir(parents=True, exist_ok=True)
                directory.chmod(_OPEN_DIRECTORY)


@dataclass(frozen=True)
class Home:
    """`.rung`: the cache and the stacks."""

    root: Path

    @property
    def cache(self) -> Path:
        """Downloads and what is made of them; safe to delete while nothing runs.

        Resolved, so that homes that share a cache through a link name its files alike.
        """
        return (self.root / "cache").resolve()

    @property
    def stacks(self) -> Path:
        """One directory per stack."""
        return self.root / "stacks"

    def stack(self, name: str) -> StackPlace:
        """The place of the stack of that name.

        Raises:
            Refused: the name would not make a good directory name.
        """
        if not _NAME.fullmatch(name):
            raise Refused(f"{name!r} is no stack name: use lower-case letters, digits and dashes")
        return StackPlace(name, self.stacks / name)
