"""Whether spans are told to a collector, and what that takes where they are not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

import pytest

from schemas.traces import Trace
from services.kit.settings import TraceSettings
from services.kit.telemetry.otlp import STOP_S
from services.kit.telemetry.traces import UNTOLD, Kind, Step
from services.kit.telemetry.tracing import tracing
from tests.kit.ports import free_port
from tests.kit.telemetry.collector import collecting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARENT: Final = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
WORK: Final = Step("work", Kind.CONSUMER, "What is done.")
NOON_US: Final = 1_772_366_400_000_000


def imported(service: str, **settings: str) -> set[str]:
    """Parts of OpenTelemetry that a process of ``service`` imports."""
    program = f"""
import sys, services.{service}.wiring
from services.kit.settings import TraceSettings
from services.kit.telemetry.tracing import tracing
with tracing(TraceSettings(), "test"):
    print(*(name for name in sys.modules if name.startswith("opentelemetry")))
"""
    return set(run(program, settings).stdout.split())


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:  # noqa: TID251 - a test of settings
        monkeypatch.delenv(name)


def run(program: str, settings: Mapping[str, str], first: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A process of its own; ``first`` is where it looks for modules before anywhere else."""
    path = os.pathsep.join([*([str(first)] if first is not None else []), os.getcwd()])  # noqa: PTH109 - the checkout
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, **settings}  # noqa: TID251 - for a child
    command = [sys.executable, *(["-m", program] if program.startswith("services.") else ["-c", program])]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ours


def test_without_a_collector_nothing_of_opentelemetry_is_imported() -> None:
    assert imported("trigger_engine") == imported("metrics_sink") == set()
    # so one that is imported would be seen
    assert "opentelemetry.sdk.trace" in imported("trigger_engine", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")


def test_without_a_collector_the_api_has_only_what_fastapi_imports_by_itself() -> None:
    found = imported("offer_api")
    assert not [name for name in found if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))]
    alone = "import fastapi, sys; print(*(name for name in sys.modules if name.startswith('opentelemetry')))"
    assert found == set(run(alone, {}).stdout.split())


def test_a_collector_without_the_extra_ends_the_process_and_says_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "opentelemetry.py"
    missing.write_text("raise ModuleNotFoundError(\"No module named 'opentelemetry'\", name='opentelemetry')\n")
    settings = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    ended = run("services.trigger_engine", settings, tmp_path)
    assert ended.returncode == 78
    assert "opentelemetry is not installed: install rung[otel], or set OTEL_SDK_DISABLED=true" in ended.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_a_process_that_tells_nobody_hands_the_parent_on(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with tracing(TraceSettings(), "test") as traces:
        assert traces is UNTOLD
        span = traces.begin(WORK, PARENT, NOON_US, {})
        assert span.trace == PARENT
        span.end(NOON_US)


def test_spans_are_told_with_their_times_their_parent_and_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with tracing(TraceSettings(), "the_service") as traces:
            first = traces.begin(WORK, PARENT, NOON_US, {"offset": 7})
            assert first.trace is not None
            second = traces.begin(WORK, first.trace, NOON_US + 5, {})
            second.end(NOON_US + 9, "in doubt")
            first.end(NOON_US + 3)
    one, two = collector.spans(PARENT.trace_id)
    assert (one.service, one.name, one.parent, one.attributes) == ("the_service", "work", PARENT.span_id, {"offset": 7})
    assert (one.began, one.ended, one.fault) == (NOON_US * 1_000, (NOON_US + 3) * 1_000, "")
    assert (two.parent, two.fault) == (one.span_id, "in doubt")


def test_a_service_that_has_a_name_of_its_own_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{collector.url}/v1/traces")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "engine-of-theirs")
        with tracing(TraceSettings(), "the_service") as traces:
            traces.begin(WORK, PARENT, NOON_US, {}).end(NOON_US)
    assert [span.service for span in collector.spans()] == ["engine-of-theirs"]


def test_what_the_sampler_does_not_want_is_told_nobody_and_handed_on_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
        with tracing(TraceSettings(), "test") as traces:
            span = traces.begin(WORK, PARENT, NOON_US, {})
            span.end(NOON_US)
    assert span.trace is None
    assert collector.spans() == []


def test_a_collector_that_is_away_holds_up_no_work_and_no_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    others = set(threading.enumerate())
    with tracing(TraceSettings(), "test") as traces:
        began = time.monotonic()
        for _ in range(5_000):  # more than wait to be sent
            traces.begin(WORK, PARENT, NOON_US, {}).end(NOON_US)
        worked = time.monotonic()
    assert worked - began < 5
    assert time.monotonic() - worked < STOP_S + 1
    assert set(threading.enumerate()) <= others  # none goes on trying
