"""What the sink is told at start."""

from dataclasses import dataclass

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, OperatorsSettings, load
from services.metrics_sink.domain.attribution import Attribution, Rule, Touch


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


class AttributionSettings(BaseSettings):
    """Which offer a conversion is credited to; a change holds for the past, too."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    window_days: int = Field(
        default=30,
        ge=0,
        le=36_500,
        alias="RUNG_ATTRIBUTION_WINDOW_D",
        description="days after an offer was touched in which a purchase may be credited to it",
    )
    touch: Touch = Field(
        default=Touch.PRESENTED,
        alias="RUNG_ATTRIBUTION_TOUCH",
        description="what counts as touched: presented, clicked (or accepted), or accepted",
    )
    rule: Rule = Field(
        default=Rule.LAST,
        alias="RUNG_ATTRIBUTION_RULE",
        description="last: the offer touched last; last_that_proposed: of those that proposed what was bought",
    )

    def told(self) -> Attribution:
        """The same in the words of the domain."""
        return Attribution(self.window_days, self.touch, self.rule)


class GuardingSettings(BaseSettings):
    """How guarded offers are watched over."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    every_s: float = Field(
        default=60.0,
        ge=0.1,
        le=3_600.0,
        alias="RUNG_SINK_GUARD_EVERY_S",
        description="seconds between two looks whether a guarded offer has to stop",
    )


@dataclass(frozen=True)
class Settings:
    """All settings of the sink."""

    kafka: KafkaSettings
    database: DatabaseSettings
    migrations: MigrationSettings
    listener: ListenerSettings
    reading: ReadingSettings
    attribution: AttributionSettings
    guarding: GuardingSettings


def read() -> Settings:
    """Read the environment; a wrong setting ends the process and is named."""
    return Settings(
        load(KafkaSettings),
        load(DatabaseSettings),
        load(MigrationSettings),
        load(ListenerSettings),
        load(ReadingSettings),
        load(AttributionSettings),
        load(GuardingSettings),
    )
