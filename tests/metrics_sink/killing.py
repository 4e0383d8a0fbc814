"""How often the sink is killed."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KillSettings(BaseSettings):
    """Of a test run: `make sink-kills` sets more."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    kills: int = Field(default=4, ge=1, alias="RUNG_SINK_KILLS", description="how often the sink is killed in one run")


KILLS = KillSettings().kills
