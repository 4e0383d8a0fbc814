"""Supervision of services, on tiny real programs in their place."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.local_stack.errors import PartFailed, Refused
from services.local_stack.plan import PartPhase, PartState, Step
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.local_stack.plan import Service
    from services.local_stack.settings import StackSettings

    StandIn = Callable[[str], Service]


def part(stack: LocalStack, name: str) -> PartState:
    state = stack.state()
    assert state is not None
    found = state.part(name)
    assert found is not None
    return found


def environment_of(stack: LocalStack, name: str) -> dict[str, str]:
    port = stack.port(name, "STAND_IN_PORT")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/environment") as answer:
        given: dict[str, str] = json.load(answer)
    return given


def wanted(services: tuple[Service, ...], tmp_path: Path, **environment: str) -> Wanted:
    starts = {"STAND_IN_STARTS": str(tmp_path / "starts")}
    return Wanted(
        name="served",
        runs=(),
        steps=(),
        services=services,
        environment={**starts, **environment},
        tie_to_parent=True,
    )


def test_a_service_gets_its_ports_the_servers_and_the_public_keys(
    settings: StackSettings, stand_in: StandIn, tmp_path: Path
) -> None:
    servers = wanted((stand_in("api"),), tmp_path, KAFKA_BOOTSTRAP_SERVERS="k:1")
    with LocalStack.running(servers, settings=settings) as stack:
        given = environment_of(stack, "api")

        assert given["KAFKA_BOOTSTRAP_SERVERS"] == "k:1"
        assert given["STAND_IN_PORT"] == str(stack.port("api", "STAND_IN_PORT"))
        [public] = json.loads(Path(given["RUNG_API_JWKS"]).read_text())["keys"]
        private = json.loads(stack.private_key.read_text())
        assert public["kid"] == private["kid"]
        assert "d" not in public
        assert stack.private_key.stat().st_mode & 0o777 == 0o600


def test_a_service_that_fails_is_started_again_and_that_is_counted(
    settings: StackSettings, stand_in: StandIn, tmp_path: Path
) -> None:
    fails_once = wanted((stand_in("api"),), tmp_path, STAND_IN_FAILURES="1")
    with LocalStack.running(fails_once, settings=settings) as stack:
        assert part(stack, "api").phase is PartPhase.READY
        assert part(stack, "api").restarts == 1


def test_a_service_that_keeps_failing_is_reported_with_its_last_words(
    settings: StackSettings, stand_in: StandIn, tmp_path: Path
) -> None:
    fails = wanted((stand_in("api"),), tmp_path, STAND_IN_FAILURES="9")
    with pytest.raises(PartFailed, match=r"api ended \(1\)(?s:.*)not yet"):
        LocalStack.running(fails, settings=settings).__enter__()


def test_a_killed_service_comes_back_on_its_port_unless_it_shall_stay_down(
    settings: StackSettings, stand_in: StandIn, tmp_path: Path
) -> None:
    with LocalStack.running(wanted((stand_in("api"),), tmp_path), settings=settings) as stack:
        before = part(stack, "api")
        stack.kill("api")
        assert part(stack, "api").phase is PartPhase.BACKING_OFF
        stack.start("api")
        after = part(stack, "api")
        assert after.pid != before.pid
        assert after.ports == before.ports

        stack.kill("api", stay_down=True)
        time.sleep(1.2)  # longer than the first back-off
        assert part(stack, "api").phase is PartPhase.DOWN


def test_services_stop_in_reverse_order_by_sigterm(settings: StackSettings, stand_in: StandIn, tmp_path: Path) -> None:
    two = wanted((stand_in("engine"), stand_in("api")), tmp_path)
    with LocalStack.running(two, settings=settings) as stack:
        told = stack.directory / "logs" / "supervisor.log"
    said = [line for line in told.read_text().splitlines() if line.endswith("stopped")]
    assert said == ["api: stopped", "engine: stopped"]


def test_a_part_that_the_stack_does_not_run_is_refused_by_name(settings: StackSettings) -> None:
    nothing = Wanted(name="nothing", runs=(), tie_to_parent=True)
    with (
        LocalStack.running(nothing, settings=settings) as stack,
        pytest.raises(Refused, match="no part 'kafka'"),
    ):
        stack.kill("kafka")


def step(name: str, program: str) -> Step:
    return Step(name=name, command=(sys.executable, "-c", program))


def test_steps_end_before_the_services_start(settings: StackSettings, stand_in: StandIn, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    slow = step("slow", f"import time; time.sleep(0.5); assert not __import__('os').path.exists({str(starts)!r})")
    with LocalStack.running(replace(wanted((stand_in("api"),), tmp_path), steps=(slow,)), settings=settings):
        assert starts.read_text() == "x"


def test_a_step_that_fails_ends_the_start_with_its_last_words(
    settings: StackSettings, stand_in: StandIn, tmp_path: Path
) -> None:
    fails = replace(wanted((stand_in("api"),), tmp_path), steps=(step("tables", "raise SystemExit('no such disk')"),))
    with pytest.raises(PartFailed, match=r"tables ended \(1\)(?s:.*)no such disk"):
        LocalStack.running(fails, settings=settings).__enter__()
    assert not (tmp_path / "starts").exists()
