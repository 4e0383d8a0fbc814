"""Turns a plan into parts that can run: the one place that knows what each part is made of."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack import kafka, keys, postgres, probes
from services.local_stack.errors import PartFailed
from services.local_stack.launch import tied
from services.local_stack.part import Part, Recipe
from services.local_stack.parts import FRONT_DOOR, KAFKA, MANNERS, POSTGRES, SERVICE_MANNERS
from services.local_stack.plan import PartPhase, PartState
from services.local_stack.ports import HOST, Ports
from services.local_stack.prepare import prepare
from services.local_stack.progress import silent
from services.local_stack.settings import inherited_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.local_stack.places import Home, StackPlace
    from services.local_stack.plan import Plan, Service, State, Step

_INITDB_S: Final = 60.0  # seconds; takes 0.6
_STEP_S: Final = 60.0  # seconds; one takes about 1


class Assembly:
    """Builds the parts of one stack and enters them into its state."""

    def __init__(self, plan: Plan, home: Home, state: State, lock: int, changed: Callable[[], None]) -> None:
        self._plan = plan
        self._home = home
        self._place: StackPlace = home.stack(plan.name)
        self._state = state
        self._lock = lock
        self._changed = changed
        self._ports = Ports()

    def kafka(self) -> Part:
        """The broker, its data formatted."""
        kit = prepare(self._home, _path(self._plan.java_home), silent)
        ports = {"broker": self._ports.choose(9092), "controller": self._ports.choose(9093)}
        settings = self._place.root / "kafka.properties"
        kafka.write_settings(settings, self._place.kafka, ports["broker"], ports["controller"])
        kafka.format_data(self._place.kafka, kit)
        endpoint = f"{HOST}:{ports['broker']}"
        self._state.kafka_bootstrap = endpoint
        recipe = Recipe(
            command=kit.broker(settings),
            environment=inherited_environment(),
            directory=self._place.root,
            log=self._place.log(KAFKA),
            probe=probes.kafka(endpoint),
            manners=MANNERS[KAFKA],
            inherits=self._lock,
        )
        return self._part(KAFKA, endpoint, ports, recipe)

    def postgres(self) -> Part:
        """The database server, its data directory made."""
        server = postgres.find(self._home, self._place)
        log = self._place.log(POSTGRES)
        if not server.is_made:
            _make_data(server, log)
        port = self._ports.choose(5432)
        url = server.url(port)
        self._state.database_url = url
        recipe = Recipe(
            command=server.server(port),
            environment={**inherited_environment(), "TZ": "UTC"},
            directory=Path("/"),
            log=log,
            probe=probes.postgres(url, make=postgres.DATABASE),
            manners=MANNERS[POSTGRES],
            uid=server.uid,
            inherits=self._lock,
        )
        return self._part(POSTGRES, url, {"server": port}, recipe)

    def services(self) -> list[Part]:
        """The services. All get the same environment: where Kafka and PostgreSQL are, and every port."""
        services = self._plan.services
        if not services:
            return []
        self._state.jwks = str(keys.ensure(self._place.keys))
        ports = {
            variable: self._ports.choose(preferred)
            for service in services
            for variable, preferred in service.ports.items()
        }
        environment = self._environment(ports)
        return [self._service(service, ports, environment) for service in services]

    async def take(self, step: Step) -> None:
        """Run a step to its end.

        Raises:
            PartFailed: it failed, or did not end in time.
        """
        log = self._place.log(step.name)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *tied(step.command, signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._plan.directory,
                env=self._environment({}),
                pass_fds=(self._lock,),
            )
        try:
            exits = await asyncio.wait_for(process.wait(), _STEP_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if exits != 0:
            tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise PartFailed(step.name, f"ended ({exits})", log, tail)

    def _environment(self, ports: dict[str, int]) -> dict[str, str]:
        given = {
            "KAFKA_BOOTSTRAP_SERVERS": self._state.kafka_bootstrap,
            "DATABASE_URL": self._state.database_url,
            "RUNG_API_JWKS": self._state.jwks,
            "RUNG_PROBE_KEY": str(keys.private(self._place.keys)),
            "RUNG_PROBE_API": f"http://{HOST}:{ports['RUNG_API_PORT']}" if "RUNG_API_PORT" in ports else None,
            "PYTHONUNBUFFERED": "1",
            **{variable: str(port) for variable, port in ports.items()},
            **self._plan.environment,
        }
        return {**inherited_environment(), **{name: value for name, value in given.items() if value}}

    def _service(self, service: Service, ports: dict[str, int], environment: dict[str, str]) -> Part:
        own = {variable: ports[variable] for variable in service.ports}
        front = FRONT_DOOR.get(service.name, service.health)
        recipe = Recipe(
            command=service.command,
            environment=environment,
            directory=Path(self._plan.directory),
            log=self._place.log(service.name),
            probe=probes.http(HOST, ports[service.health]),
            manners=SERVICE_MANNERS,
            inherits=self._lock,
        )
        return self._part(service.name, f"http://{HOST}:{ports[front]}", own, recipe)

    def _part(self, name: str, endpoint: str, ports: dict[str, int], recipe: Recipe) -> Part:
        state = PartState(
            name=name,
            phase=PartPhase.STARTING,
            endpoint=endpoint,
            ports=ports,
            log=str(recipe.log),
        )
        self._state.parts.append(state)
        return Part(state, recipe, self._changed)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _make_data(server: postgres.Postgres, log: Path) -> None:
    """Make the data directory beside its place and move it there, so that it is whole or absent."""
    parent = server.make_parent()
    try:
        with log.open("ab") as output:
            done = subprocess.run(  # noqa: S603 - initdb
                tied(server.initdb(parent / "data"), signal.SIGKILL, server.uid),
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                timeout=_INITDB_S,
                check=False,
            )
        if done.returncode != 0:
            tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise PartFailed(POSTGRES, f"could not be set up ({done.returncode})", log, tail)
        (parent / "data").replace(server.data)
    finally:
        shutil.rmtree(parent, ignore_errors=True)
