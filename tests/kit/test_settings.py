import pytest

from services.kit.settings import EXIT_CONFIG, DatabaseSettings, KafkaSettings, MigrationSettings, TraceSettings, load

NAMES = (
    "KAFKA_BOOTSTRAP_SERVERS",
    "RUNG_TOPIC_PREFIX",
    "DATABASE_URL",
    "RUNG_DATABASE_SCHEMA",
    "RUNG_MIGRATIONS",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_TRACES_EXPORTER",
)


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9093")
    kafka = load(KafkaSettings)
    assert (kafka.bootstrap_servers, kafka.topic_prefix) == ("one:9092,two:9093", "rung")


def test_settings_do_not_change_after_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://here/db")
    database = load(DatabaseSettings)
    with pytest.raises(ValueError, match="frozen"):
        database.url = "postgresql://there/db"  # type: ignore[misc]  # what the test is about


def test_a_missing_setting_ends_the_process_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        load(KafkaSettings)
    assert ended.value.code == EXIT_CONFIG
    assert capsys.readouterr().err == (
        "rung: setting KAFKA_BOOTSTRAP_SERVERS is not set (host:port of one or more brokers, separated by commas)\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("KAFKA_BOOTSTRAP_SERVERS", "kafka", id="no port"),
        pytest.param("RUNG_TOPIC_PREFIX", "a b", id="a blank in a topic's name"),
    ],
)
def test_a_wrong_kafka_setting_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092")
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        load(KafkaSettings)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"rung: setting {name} is wrong")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", id="no address"),
        pytest.param("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", id="a protocol that is not spoken"),
        pytest.param("OTEL_TRACES_EXPORTER", "zipkin", id="another kind of collector"),
    ],
)
def test_a_wrong_setting_of_traces_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(TraceSettings)
    assert ended.value.code == EXIT_CONFIG
    assert capsys.readouterr().err.startswith(f"rung: setting {name} is wrong")


@pytest.mark.parametrize("schema", ["Rung", "1st", 'a"; drop schema rung', "", "s" * 64])
def test_a_schema_is_a_plain_name(
    schema: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://here/db")
    monkeypatch.setenv("RUNG_DATABASE_SCHEMA", schema)
    with pytest.raises(SystemExit):
        load(DatabaseSettings)
    assert "RUNG_DATABASE_SCHEMA is wrong" in capsys.readouterr().err


def test_migrations_are_looked_for_in_the_checkout_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(MigrationSettings).scripts is None
    monkeypatch.setenv("RUNG_MIGRATIONS", "/srv/migrations")
    assert str(load(MigrationSettings).scripts) == "/srv/migrations"
