from __future__ import annotations

import pytest

from services.metrics_sink import settings
from services.metrics_sink.domain.attribution import Attribution, Rule, Touch

NAMES = (
    "KAFKA_BOOTSTRAP_SERVERS",
    "DATABASE_URL",
    "RUNG_HTTP_HOST",
    "RUNG_SINK_HTTP_PORT",
    "RUNG_SINK_SESSION_MS",
    "RUNG_ATTRIBUTION_WINDOW_D",
    "RUNG_ATTRIBUTION_TOUCH",
    "RUNG_ATTRIBUTION_RULE",
)


@pytest.fixture(autouse=True)
def _only_what_must_be_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    monkeypatch.setenv("DATABASE_URL", "postgresql://rung@postgres/rung")


def test_operators_are_served_on_this_machine_alone_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    told = settings.read()
    assert (told.listener.host, told.listener.port, told.reading.session_ms) == ("127.0.0.1", 9103, 10_000)
    monkeypatch.setenv("RUNG_HTTP_HOST", "0.0.0.0")  # noqa: S104 - what a container is told
    assert settings.read().listener.host == "0.0.0.0"  # noqa: S104 - what a container is told


def test_credit_goes_to_the_offer_touched_last_within_a_month_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings.read().attribution.told() == Attribution(30, Touch.PRESENTED, Rule.LAST)
    monkeypatch.setenv("RUNG_ATTRIBUTION_WINDOW_D", "7")
    monkeypatch.setenv("RUNG_ATTRIBUTION_TOUCH", "accepted")
    monkeypatch.setenv("RUNG_ATTRIBUTION_RULE", "last_that_proposed")
    assert settings.read().attribution.told() == Attribution(7, Touch.ACCEPTED, Rule.LAST_THAT_PROPOSED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("RUNG_SINK_HTTP_PORT", "70000", id="no such port"),
        pytest.param("RUNG_SINK_SESSION_MS", "10", id="a session shorter than a heartbeat"),
        pytest.param("RUNG_ATTRIBUTION_WINDOW_D", "-1", id="a window that ends before it begins"),
        pytest.param("RUNG_ATTRIBUTION_TOUCH", "seen", id="no way to touch an offer"),
        pytest.param("RUNG_ATTRIBUTION_RULE", "first", id="no rule of credit"),
        pytest.param("DATABASE_URL", "mysql://there/db", id="another database"),
    ],
)
def test_a_wrong_setting_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        settings.read()
    assert ended.value.code == 78
    assert f"setting {name} is wrong" in capsys.readouterr().err
