"""The process that owns a stack: `python -m services.local_stack.supervisor DIRECTORY`, which holds `plan.json`.

It starts the parts, keeps `state.json` true, takes requests, and ends when it is told to, when a signal says so, or
when the process that it is tied to ends. Its children are tied to its main thread, the only one that starts any.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack import control, locks, plan, probes
from services.local_stack.assembly import Assembly
from services.local_stack.control import Request, Verb
from services.local_stack.errors import PartFailed, Refused, StackError
from services.local_stack.parts import KAFKA, POSTGRES
from services.local_stack.places import Home, StackPlace
from services.local_stack.plan import PartPhase, PartState, Plan, StackPhase, State

if TYPE_CHECKING:
    from services.local_stack.part import Part

# Seconds for the children of a killed supervisor to end: the broker is killed at once, PostgreSQL took 1.5.
_TAKE_OVER_S: Final = 20.0
# seconds for servers that are not ours to answer
_EXTERNAL_S: Final = 10.0


class Supervisor:
    """One running stack."""

    def __init__(self, wanted: Plan, place: StackPlace, lock: int) -> None:
        self._plan = wanted
        self._place = place
        self._state = State(name=wanted.name, pid=os.getpid(), phase=StackPhase.STARTING)
        self._assembly = Assembly(wanted, Home(Path(wanted.home)), self._state, lock, self._tell)
        self._parts: dict[str, Part] = {}
        self._over = asyncio.Event()
        self._abandoned = False

    async def run(self) -> None:
        """Start everything in order, serve until it is over, stop everything in reverse order."""
        self._tell()
        self._listen_for_the_end()
        server = await control.listen(self._place.socket, self._do)
        starting = asyncio.create_task(self._start())
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait({starting, over}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done() or starting.exception() is None:
            await over
        starting.cancel()
        server.close()
        with suppress(asyncio.CancelledError):
            try:
                await starting
            except (StackError, OSError) as error:
                self._state.error = str(error)
                print(error, file=sys.stderr)  # noqa: T201 - the supervisor's log
        await self._stop()

    async def _start(self) -> None:
        """Kafka and PostgreSQL side by side, then what the services need, then the services."""
        await asyncio.gather(
            self._provide(KAFKA, self._plan.kafka_external),
            self._provide(POSTGRES, self._plan.database_external),
        )
        for step in self._plan.steps:
            await self._assembly.take(step)
        services = self._assembly.services()
        for service in services:
            self._parts[service.state.name] = service
        self._state.phase = StackPhase.RUNNING
        self._tell()
        # one that fails is told in the state; the others and the stack go on
        await asyncio.gather(*(service.start() for service in services), return_exceptions=True)

    async def _provide(self, name: str, external: str | None) -> None:
        if external is not None:
            await self._use(name, external)
        elif name in self._plan.runs:
            part = self._assembly.kafka() if name == KAFKA else self._assembly.postgres()
            self._parts[name] = part
            await part.start()

    async def _use(self, name: str, endpoint: str) -> None:
        """Take a server that is not ours, once it answers."""
        if name == KAFKA:
            self._state.kafka_bootstrap, probe = endpoint, probes.kafka(endpoint)
        else:
            self._state.database_url, probe = endpoint, probes.postgres(endpoint)
        state = PartState(name=name, phase=PartPhase.EXTERNAL, endpoint=endpoint)
        self._state.parts.append(state)
        self._tell()
        try:
            async with asyncio.timeout(_EXTERNAL_S):
                while not await probe():  # noqa: ASYNC110 - other processes set no event
                    await asyncio.sleep(0.2)
        except TimeoutError:
            variable = "KAFKA_BOOTSTRAP_SERVERS" if name == KAFKA else "DATABASE_URL"
            raise PartFailed(name, f"at {variable} does not answer: start it, or unset the variable", None) from None

    async def _stop(self) -> None:
        self._state.phase = StackPhase.FAILED if self._state.error else StackPhase.STOPPING
        self._tell()
        for part in reversed(self._parts.values()):
            if self._abandoned and part.state.name != POSTGRES:  # whose own children need its farewell
                await part.kill(stay_down=True)
            else:
                await part.stop()
        if self._state.error is None:
            self._place.state.unlink()

    async def _do(self, request: Request) -> None:
        if request.do is Verb.DOWN:
            self._over.set()
            return
        part = self._parts.get(request.part)
        if part is None:
            known = ", ".join(self._parts) or "none"
            raise Refused(f"this stack runs no part {request.part!r}; its own parts: {known}")
        match request.do:
            case Verb.START:
                await part.start()
            case Verb.STOP:
                await part.stop()
            case Verb.KILL:
                await part.kill(stay_down=request.stay_down)
            case Verb.RESTART:
                await part.stop()
                await part.start()

    def _listen_for_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._over.set)
        if self._plan.tied_to is not None:
            # readable when that process ends; unlike the parent-death signal it does not look at threads
            owner = os.pidfd_open(self._plan.tied_to)
            loop.add_reader(owner, self._owner_ended, owner)
            if os.getppid() != self._plan.tied_to:  # it ended before, and the number may be another's now
                self._over.set()

    def _owner_ended(self, owner: int) -> None:
        asyncio.get_running_loop().remove_reader(owner)
        os.close(owner)
        self._abandoned = True
        self._over.set()

    def _tell(self) -> None:
        plan.write(self._place.state, self._state)


def main(directory: Path) -> None:
    """Run the stack that is planned in the directory, unless another supervisor does."""
    wanted = plan.read(directory / "plan.json", Plan)
    if wanted is None:
        sys.exit(f"no plan in {directory}")
    place = Home(Path(wanted.home)).stack(wanted.name)
    os.chdir(directory)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says while Kafka is down is expected
    lock = locks.acquire(place.lock, within_s=_TAKE_OVER_S)
    if lock is None:
        sys.exit(f"{place.lock} is held by others")
    place.socket.unlink(missing_ok=True)  # of a killed supervisor: the lock says that none lives
    try:
        asyncio.run(_run(wanted, place, lock))
    finally:
        place.socket.unlink(missing_ok=True)


async def _run(wanted: Plan, place: StackPlace, lock: int) -> None:
    await Supervisor(wanted, place, lock).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
