"""The offer API's settings; the only place here that the environment is read."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MAX_PORT = 65_535
ORIGIN = r"https?://[a-z0-9.-]+(:[0-9]{1,5})?"
ORIGINS = rf"^({ORIGIN}(,{ORIGIN})*)?$"
"""As a browser says them, exactly: no path, no star."""

JWKS = r"^(https://[^\s@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?/\S*|[^:]+)$"
"""A file, or an address; without encryption only on this machine: who changes keys on the way owns every account."""

RATE = r"^[1-9][0-9]{0,8}/(second|minute|hour)$"


class ApiSettings(BaseSettings):
    """What the offer API alone needs; Kafka and PostgreSQL have the settings that all services share."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field(
        default="127.0.0.1",
        alias="RUNG_API_HOST",
        min_length=1,
        description="address that front ends reach",
    )
    port: int = Field(
        default=8000,
        alias="RUNG_API_PORT",
        ge=0,
        le=MAX_PORT,
        description="port that front ends reach",
    )
    http_host: str = Field(
        default="127.0.0.1",
        alias="RUNG_HTTP_HOST",
        min_length=1,
        description="address of the operators' listener",
    )
    http_port: int = Field(
        default=9102,
        alias="RUNG_API_HTTP_PORT",
        ge=0,
        le=MAX_PORT,
        description="port of the operators' listener: /healthz, /readyz, /metrics, /docs, /openapi.json",
    )
    jwks: str = Field(
        alias="RUNG_API_JWKS",
        pattern=JWKS,
        description="JSON Web Key Set with the public keys of who signs tokens: a file, or an address with https",
    )
    token_issuer: str = Field(
        default="rung-dev",
        alias="RUNG_API_TOKEN_ISSUER",
        min_length=1,
        description="who signs the tokens: their claim iss",
    )
    token_audience: str = Field(
        default="rung",
        alias="RUNG_API_TOKEN_AUDIENCE",
        min_length=1,
        description="who the tokens are for: their claim aud",
    )
    stream_life_s: float = Field(
        default=300.0,
        alias="RUNG_API_STREAM_LIFE_S",
        ge=1,
        le=3_600,
        description="seconds after which a stream ends and its reader comes back, perhaps to another process",
    )
    decisions_kept_d: int = Field(
        default=30,
        alias="RUNG_API_DECISIONS_KEPT_D",
        ge=1,
        le=3_650,
        description="days that decisions are kept for operators; by default as long as the log keeps them",
    )
    origins_allowed: str = Field(
        default="",
        alias="RUNG_API_ORIGINS",
        pattern=ORIGINS,
        description="origins of pages that ask from a browser, as https://app.example.com, with commas between",
    )
    proxies: str = Field(
        default="",
        alias="RUNG_API_PROXIES",
        pattern=r"^$|^[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*$",
        description="addresses or networks of proxies whose X-Forwarded-For is believed, with commas between",
    )
    rate_token: str = Field(
        default="1200/minute",
        alias="RUNG_API_RATE_TOKEN",
        pattern=RATE,
        description="requests of one token, as 10/second",
    )
    rate_account: str = Field(
        default="12000/minute",
        alias="RUNG_API_RATE_ACCOUNT",
        pattern=RATE,
        description="requests for one account, and of one service key",
    )
    rate_address: str = Field(
        default="60000/minute",
        alias="RUNG_API_RATE_ADDRESS",
        pattern=RATE,
        description="requests from one address, which may be a whole office",
    )
    streams_token: int = Field(
        default=20, alias="RUNG_API_STREAMS_TOKEN", ge=1, description="streams that one token may have open at once"
    )
    streams_account: int = Field(
        default=1_000,
        alias="RUNG_API_STREAMS_ACCOUNT",
        ge=1,
        description="streams of one account that may be open at once in this process",
    )

    @property
    def origins(self) -> tuple[str, ...]:
        """Each of `origins_allowed`."""
        return tuple(filter(None, self.origins_allowed.split(",")))
