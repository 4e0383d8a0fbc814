"""What the sink is told at start."""

from dataclasses import dataclass

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, OperatorsSettings, load


class ListenerSettings(OperatorsSettings):
    """Where operators find health and metrics."""

    port: int = Field(default=9103, ge=0, le=65_535, alias="RUNG_SINK_HTTP_PORT", description="its port")


class ReadingSettings(BaseSettings):
    """How the sink reads its logs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    session_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=60_000,
        alias="RUNG_SINK_SESSION_MS",
        description="milliseconds until the partitions of a killed sink go to another",
    )


@dataclass(frozen=True)
class Settings:
    """All settings of the sink."""

    kafka: KafkaSettings
    database: DatabaseSettings
    migrations: MigrationSettings
    listener: ListenerSettings
    reading: ReadingSettings


def read() -> Settings:
    """Read the environment; a wrong setting ends the process and is named."""
    return Settings(
        load(KafkaSettings),
        load(DatabaseSettings),
        load(MigrationSettings),
        load(ListenerSettings),
        load(ReadingSettings),
    )
