"""What the environment says about the stack. Nothing else here reads it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# a directory that holds one of these is where `.rung` belongs
_ROOT_MARKS = (".rung", ".git", "pyproject.toml")


class StackSettings(BaseSettings):
    """Read once per command. An empty variable counts as not set."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    rung_home: Path | None = Field(default=None, description="place of `.rung`")
    kafka_bootstrap_servers: str | None = Field(default=None, description="use this Kafka")
    database_url: str | None = Field(default=None, description="use this PostgreSQL")
    java_home: Path | None = Field(default=None, description="a Java 17 or newer to run Kafka on")

    def home(self) -> Path:
        """Where all that is downloaded and kept lives: RUNG_HOME, or `.rung` of the project around us."""
        if self.rung_home is not None:
            return self.rung_home.expanduser().resolve()
        here = Path.cwd()
        for place in (here, *here.parents):
            if any((place / mark).exists() for mark in _ROOT_MARKS):
                return place / ".rung"
        return here / ".rung"


def inherited_environment() -> dict[str, str]:
    """What child processes inherit: this process's environment, which they need to find their libraries."""
    return dict(os.environ)  # noqa: TID251 - this is a settings.py
