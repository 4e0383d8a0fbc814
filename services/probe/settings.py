"""What the probe is told at start."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import KafkaSettings, OperatorsSettings, load


class ListenerSettings(OperatorsSettings):
    """Where operators find health and metrics."""

    port: int = Field(default=9104, ge=0, le=65_535, alias="RUNG_PROBE_HTTP_PORT", description="its port")


class ProbeSettings(BaseSettings):
    """Whom the probe asks, how often, and as whom."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    api: str = Field(
        alias="RUNG_PROBE_API",
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="where front ends reach the offer API, best by way of whatever stands before it",
    )
    key: Path = Field(
        alias="RUNG_PROBE_KEY",
        description="private JSON Web Key that signs the probe's tokens; the offer API has its public one",
    )
    issuer: str = Field(
        default="rung-dev", alias="RUNG_API_TOKEN_ISSUER", min_length=1, description="the tokens' claim iss"
    )
    audience: str = Field(
        default="rung", alias="RUNG_API_TOKEN_AUDIENCE", min_length=1, description="the tokens' claim aud"
    )
    name: str = Field(
        default="main",
        alias="RUNG_PROBE_NAME",
        pattern=r"^[a-z0-9-]{1,32}$",
        description="tells probes of one deployment apart: two of one name disturb each other",
    )
    every_s: float = Field(
        default=10.0, alias="RUNG_PROBE_EVERY_S", ge=1, le=600, description="seconds from one pass to the next"
    )
    within_s: float = Field(
        default=5.0, alias="RUNG_PROBE_WITHIN_S", gt=0, le=60, description="seconds after which a pass has failed"
    )


@dataclass(frozen=True)
class Settings:
    """All settings of the probe."""

    kafka: KafkaSettings
    listener: ListenerSettings
    probe: ProbeSettings


def read() -> Settings:
    """Read the environment; a wrong setting ends the process and is named."""
    return Settings(load(KafkaSettings), load(ListenerSettings), load(ProbeSettings))
