"""The parts of a stack, one a line, in the order they start; they stop in reverse."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.local_stack.plan import Service, Step

KAFKA: Final = "kafka"
POSTGRES: Final = "postgres"
BROKERS: Final = (KAFKA, POSTGRES)


def _service(name: str, health: str, **ports: int) -> Service:
    return Service(name=name, command=(sys.executable, "-m", f"services.{name}"), ports=ports, health=health)


# what is done between Kafka and PostgreSQL being ready and the services starting, at every start
STEPS: Final = (
    Step(name="topics", command=(sys.executable, "-m", "services.cli", "topics")),
    Step(name="migrate", command=(sys.executable, "-m", "services.cli", "migrate")),
)

# a stack for development begins with the sample in force: without any set the engine is never ready
SAMPLE: Final = Path(__file__).parents[2] / "playbooks" / "files"
PUBLISH_SAMPLE: Final = Step(
    name="publish", command=(sys.executable, "-m", "services.cli", "publish", "--first", str(SAMPLE))
)

# name, variable of the port with /readyz, then all its ports with the numbers they get if free
SERVICES: Final = (
    _service("trigger_engine", "RUNG_ENGINE_HTTP_PORT", RUNG_ENGINE_HTTP_PORT=9101),
    _service("offer_api", "RUNG_API_HTTP_PORT", RUNG_API_PORT=8000, RUNG_API_HTTP_PORT=9102),
    _service("metrics_sink", "RUNG_SINK_HTTP_PORT", RUNG_SINK_HTTP_PORT=9103),
)

# beside them, when it is asked for
PROBE: Final = _service("probe", "RUNG_PROBE_HTTP_PORT", RUNG_PROBE_HTTP_PORT=9104)

# the endpoint that people want to see of a service, where it is not the health port
FRONT_DOOR: Final = {"offer_api": "RUNG_API_PORT"}


@dataclass(frozen=True)
class Manners:
    """How a kind of part is started and stopped. Times in seconds, several times what was measured."""

    ready_within_s: float
    grace_s: float
    stop: signal.Signals
    death: signal.Signals
    comes_back: bool
    # how long a part that ended by itself waits to be started again: doubled each time, from the first again once it
    # has been up for longer than the longest
    back_off_first_s: float = 1.0
    back_off_most_s: float = 30.0


MANNERS: Final = {
    # port 1.6 to 6.7 s under load, after SIGKILL 4 to 6 s; stops in 0.3 to 0.5 s
    KAFKA: Manners(60.0, 15.0, signal.SIGTERM, signal.SIGKILL, comes_back=False),
    # SIGINT is the fast shutdown: SIGTERM would wait for the clients to leave. It also is what the postmaster gets
    # when we die, so that it takes its own children along.
    POSTGRES: Manners(30.0, 10.0, signal.SIGINT, signal.SIGINT, comes_back=False),
}
SERVICE_MANNERS: Final = Manners(60.0, 10.0, signal.SIGTERM, signal.SIGKILL, comes_back=True)
