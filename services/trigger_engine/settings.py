"""What the engine is told at start."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import KafkaSettings, OperatorsSettings, TraceSettings, load


class ListenerSettings(OperatorsSettings):
    """Where operators find health and metrics."""

    port: int = Field(default=9101, ge=0, le=65_535, alias="RUNG_ENGINE_HTTP_PORT", description="its port")


class EngineSettings(BaseSettings):
    """How the engine works."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    commit_ms: int = Field(
        default=100,
        ge=5,
        le=10_000,
        alias="RUNG_ENGINE_COMMIT_MS",
        description="least milliseconds between two commits of a partition",
    )
    lateness_s: int = Field(
        default=24 * 3_600,
        ge=0,
        le=400 * 24 * 3_600,
        alias="RUNG_ENGINE_LATENESS_S",
        description="seconds of event time that usage may lag behind the newest of its partition",
    )
    time: Literal["wall", "log"] = Field(
        default="wall",
        alias="RUNG_ENGINE_TIME",
        description="'wall', or 'log' in a backfill: freshness, caps and timers go by event time",
    )
    session_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=60_000,
        alias="RUNG_ENGINE_SESSION_MS",
        description="milliseconds until the partitions of a killed engine go to another",
    )
    instance: str | None = Field(
        default=None,
        alias="RUNG_ENGINE_INSTANCE",
        description="a name of this engine that stays over restarts, such as the pod's: a restart moves no partition",
    )
    max_seen_ids: int = Field(
        default=20_000_000,
        ge=1_000,
        alias="RUNG_ENGINE_MAX_SEEN_IDS",
        description="ids of usage events remembered by this process; beyond it older usage is refused as late, "
        "but never that of the hour at work, which is kept whole",
    )
    hot_slices: int = Field(
        default=160_000,
        ge=0,
        alias="RUNG_ENGINE_HOT_SLICES",
        description="accounts and users kept ready by this process, about 3 KiB each; others are kept as bytes",
    )
    spool_dir: Path | None = Field(
        default=None,
        alias="RUNG_ENGINE_SPOOL_DIR",
        description="where large lists of ids lie, in files without a name; the system's directory for such unless set",
    )
    halt_linger_s: float = Field(
        default=20.0,
        ge=0,
        le=300,
        alias="RUNG_ENGINE_HALT_LINGER_S",
        description="seconds for which a halted engine still shows its metrics: longer than a scrape's interval",
    )
    max_invalid_run: int = Field(
        default=10_000,
        ge=1,
        alias="RUNG_ENGINE_MAX_INVALID_RUN",
        description="dead letters in a row in one partition after which the engine stops",
    )


@dataclass(frozen=True)
class Settings:
    """All settings of the engine."""

    kafka: KafkaSettings
    listener: ListenerSettings
    engine: EngineSettings
    traces: TraceSettings


def read() -> Settings:
    """Read the environment; a wrong setting ends the process and is named."""
    return Settings(load(KafkaSettings), load(ListenerSettings), load(EngineSettings), load(TraceSettings))
