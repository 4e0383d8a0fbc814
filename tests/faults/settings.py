"""How long the faults go on, and where an engine with a trap shall fall into it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FaultSettings(BaseSettings):
    """Of a test run: `make faults` sets more rounds."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    rounds: int = Field(default=1, ge=1, alias="RUNG_FAULT_ROUNDS", description="how often each storm is repeated")
    seed: int = Field(default=1, alias="RUNG_FAULT_SEED", description="of the times at which the random kills come")


class TrapSettings(BaseSettings):
    """Of one process of `tests.faults.engine_with_faults`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    at: str = Field(alias="FAULT_AT", description="the point at which it happens")
    nth: int = Field(default=1, ge=1, alias="FAULT_NTH", description="the how-manyth time that the point is reached")
    marks: Path = Field(alias="FAULT_MARKS", description="where it is written down that it happened")


FAULTS = FaultSettings()
