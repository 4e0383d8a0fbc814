"""Settings: read once at start from the environment, frozen; a wrong one stops the process and is named."""

import sys
from pathlib import Path
from typing import Literal, NoReturn, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

EXIT_CONFIG = 78
"""Exit code for a wrong setting: EX_CONFIG of sysexits.h. A supervisor need not try again."""


class KafkaSettings(BaseSettings):
    """How to reach Kafka, and which deployment this is."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    bootstrap_servers: str = Field(
        alias="KAFKA_BOOTSTRAP_SERVERS",
        pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$",
        description="host:port of one or more brokers, separated by commas",
    )
    topic_prefix: str = Field(
        default="rung",
        alias="RUNG_TOPIC_PREFIX",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="first part of every topic's name; one a deployment",
    )


class DatabaseSettings(BaseSettings):
    """How to reach PostgreSQL."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    url: str = Field(
        alias="DATABASE_URL",
        pattern=r"^postgres(ql)?://\S+$",
        description="postgresql://user:password@host:port/database",
    )
    db_schema: str = Field(
        default="rung",
        alias="RUNG_DATABASE_SCHEMA",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="schema that holds the tables; one a deployment",
    )


class MigrationSettings(BaseSettings):
    """Where the migration scripts lie."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    scripts: Path | None = Field(
        default=None,
        alias="RUNG_MIGRATIONS",
        description="directory of the migration scripts; by default deploy/migrations of the checkout",
    )


class OperatorsSettings(BaseSettings):
    """Where operators find health and metrics; each service adds the port, which is its own."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field(default="127.0.0.1", alias="RUNG_HTTP_HOST", description="address of the operators' listener")


ENDPOINT = r"^$|^https?://\S+$"


class TraceSettings(BaseSettings):
    """Whether to tell a collector of traces: only when one is named.

    The variables are OpenTelemetry's own, which reads the rest of them itself.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    disabled: str = Field(default="", alias="OTEL_SDK_DISABLED", description="'true' tells no collector of anything")
    exporter: Literal["", "otlp", "none"] = Field(
        default="", alias="OTEL_TRACES_EXPORTER", description="'otlp', or 'none' for no traces"
    )
    endpoint: str = Field(
        default="",
        alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        pattern=ENDPOINT,
        description="the collector, as http://collector:4318",
    )
    traces_endpoint: str = Field(
        default="",
        alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        pattern=ENDPOINT,
        description="where traces go, if elsewhere, as http://collector:4318/v1/traces",
    )
    protocol: Literal["", "http/protobuf"] = Field(
        default="", alias="OTEL_EXPORTER_OTLP_PROTOCOL", description="http/protobuf; gRPC is not spoken"
    )
    traces_protocol: Literal["", "http/protobuf"] = Field(
        default="", alias="OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", description="http/protobuf; gRPC is not spoken"
    )

    @property
    def on(self) -> bool:
        """Whether a collector is to be told."""
        named = bool(self.endpoint or self.traces_endpoint)
        return named and self.exporter != "none" and self.disabled.lower() != "true"


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S]) -> S:
    """Read ``settings`` from the environment; end the process with code 78 and one line a fault when it is wrong."""
    try:
        return settings()
    except ValidationError as error:
        refuse(settings, error)


def refuse(settings: type[BaseSettings], error: ValidationError) -> NoReturn:
    """Say which setting is wrong and what it should be, and end the process."""
    by_name = {field.alias or name: field for name, field in settings.model_fields.items()}
    for problem in error.errors(include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else settings.__name__
        field = by_name.get(name)
        means = f" ({field.description})" if field is not None and field.description else ""
        fault = "is not set" if problem["type"] == "missing" else f"is wrong: {problem['msg']}"
        sys.stderr.write(f"rung: setting {name} {fault}{means}\n")
    sys.exit(EXIT_CONFIG)
