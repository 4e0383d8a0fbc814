"""A local stack as its user sees it: start it, ask it, kill and restart its parts, stop it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack import control, keys, locks, plan, postgres
from services.local_stack.control import Request, Verb
from services.local_stack.errors import NotLinux, NotRunning, PartFailed, StackBusy
from services.local_stack.part import PATIENCE
from services.local_stack.parts import BROKERS, KAFKA, STEPS
from services.local_stack.places import DEFAULT_NAME, Home
from services.local_stack.plan import PartPhase, Plan, Service, StackPhase, State, Step
from services.local_stack.prepare import prepare
from services.local_stack.progress import Progress, silent
from services.local_stack.settings import StackSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


_POLL_S: Final = 0.05
# Seconds. A start waits for the children of a killed run (20), both brokers (60) and the services (60).
_START_S: Final = 180.0
# Seconds. A stop gives each part its grace: services 10 each, Kafka 15, PostgreSQL 10.
_STOP_S: Final = 70.0
# seconds for the children of a killed supervisor to be gone
_GONE_S: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a stack shall consist of."""

    name: str = DEFAULT_NAME
    services: Sequence[Service] = ()
    runs: Sequence[str] = BROKERS
    """Which brokers are needed. Those that the environment names are used instead of started."""
    steps: Sequence[Step] = STEPS
    """What is done before services start; without services, nothing is."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Given to the steps and services in addition."""
    tie_to_parent: bool = False
    """End with the calling process, however that ends."""


class LocalStack:
    """The stack of a name. Its state lives on disk: any process may ask, and any may stop it."""

    def __init__(self, name: str = DEFAULT_NAME, settings: StackSettings | None = None) -> None:
        self._settings = settings or StackSettings()
        self._home = Home(self._settings.home())
        self._place = self._home.stack(name)
        self._supervisor: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(
        cls,
        wanted: Wanted,
        *,
        keep_data: bool = True,
        settings: StackSettings | None = None,
        progress: Progress = silent,
    ) -> Iterator[LocalStack]:
        """A stack for the block, ready when it begins; with ``keep_data`` false its directory goes, too.

        Raises:
            StackError: it cannot start; the message says what to do.
        """
        stack = cls(wanted.name, settings)
        stack.sweep()
        try:
            stack.up(wanted, progress, passing=not keep_data)
            yield stack
        finally:
            stack.down()
            if not keep_data:
                stack.delete()

    def up(self, wanted: Wanted, progress: Progress = silent, *, passing: bool = False) -> bool:
        """Have it run, and ready. Says whether it had to be started: false when all wanted parts already ran.

        Raises:
            StackError: it cannot start, or a part does not become ready; the message says what to do. A service that
                fails leaves the rest running.
        """
        if sys.platform != "linux":
            raise NotLinux
        self._place.make()
        with locks.locked(self._place.door):
            state = self.state()
            if state is not None and not _lacks(state, wanted):
                self._wait(state.pid)
                return False
            if state is not None:
                self._end(state.pid)
            self._start(wanted, progress, passing=passing)
        return True

    def down(self) -> bool:
        """Stop it. Says whether anything ran.

        Raises:
            StackBusy: something of it does not end, even killed.
        """
        if not self._place.root.exists():
            return False
        with locks.locked(self._place.door):
            ran = locks.is_held(self._place.lock)
            if ran:
                state = plan.read(self._place.state, State)
                self._end(None if state is None else state.pid)
            self._place.state.unlink(missing_ok=True)  # of a killed run
        return ran

    def state(self) -> State | None:
        """What the supervisor says of the stack; None when it does not run."""
        if not locks.is_held(self._place.lock):
            return None
        state = plan.read(self._place.state, State)
        if state is None or not _alive(state.pid):
            return None  # just beginning, or killed while its children still end
        return state

    def delete(self) -> None:
        """Delete its data and logs. It must not run."""
        postgres.delete_data(self._home, self._place)
        shutil.rmtree(self._place.root)

    def sweep(self) -> None:
        """Delete what stacks left behind whose owner wanted to keep nothing, but was killed."""
        for mark in self._home.stacks.glob("*/passing"):
            other = LocalStack(mark.parent.name, self._settings)
            if not locks.is_held(other._place.lock) and not locks.is_held(other._place.door):
                with suppress(FileNotFoundError):
                    other.delete()

    @property
    def directory(self) -> Path:
        """Where its state, logs and keys are."""
        return self._place.root

    @property
    def kafka_bootstrap(self) -> str:
        """For ``bootstrap.servers``."""
        return self._said().kafka_bootstrap or ""

    @property
    def database_url(self) -> str:
        """``postgresql://user@host:port/database``, or as DATABASE_URL has it."""
        return self._said().database_url or ""

    @property
    def private_key(self) -> Path:
        """The private key (a JWK) that signs tokens for the offer API of this stack."""
        return keys.private(self._place.keys)

    def port(self, part: str, name: str) -> int:
        """A port of a part; for a service its name is the environment variable."""
        state = self._said().part(part)
        if state is None:
            raise NotRunning(f"{self._place.name}/{part}")
        return state.ports[name]

    def kill(self, part: str, *, stay_down: bool = False) -> None:
        """End a part by SIGKILL. Kafka and PostgreSQL stay down until started, a service comes back by itself."""
        control.ask(self._place, Request(Verb.KILL, part, stay_down))

    def stop(self, part: str) -> None:
        """End a part in an orderly way; it stays down until it is started."""
        control.ask(self._place, Request(Verb.STOP, part))

    def start(self, part: str) -> None:
        """Start a part that is down, on the same port and data, and wait until it is ready."""
        control.ask(self._place, Request(Verb.START, part))

    def restart(self, part: str) -> None:
        """Stop a part if it runs, start it on the same port and data, and wait until it is ready."""
        control.ask(self._place, Request(Verb.RESTART, part))

    def _said(self) -> State:
        state = self.state()
        if state is None:
            raise NotRunning(self._place.name)
        return state

    def _start(self, wanted: Wanted, progress: Progress, *, passing: bool) -> None:
        settings = self._settings
        if KAFKA in wanted.runs and settings.kafka_bootstrap_servers is None:
            prepare(self._home, settings.java_home, progress)
        plan.write(
            self._place.plan,
            Plan(
                name=wanted.name,
                home=str(self._home.root),
                java_home=None if settings.java_home is None else str(settings.java_home),
                runs=tuple(wanted.runs),
                kafka_external=settings.kafka_bootstrap_servers,
                database_external=settings.database_url,
                steps=tuple(wanted.steps) if wanted.services else (),
                services=tuple(wanted.services),
                environment=dict(wanted.environment),
                directory=str(Path.cwd()),
                tied_to=os.getpid() if wanted.tie_to_parent else None,
            ),
        )
        self._place.state.unlink(missing_ok=True)
        if passing:
            self._place.passing.touch()
        else:
            self._place.passing.unlink(missing_ok=True)
        for last in self._place.logs.glob("*.log"):
            last.replace(last.with_suffix(".log.1"))
        self._reap()  # one that was killed
        with self._place.log("supervisor").open("wb") as log:
            self._supervisor = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "services.local_stack.supervisor", str(self._place.root)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the caller, who then stops us
            )
        try:
            self._wait(self._supervisor.pid)
        except KeyboardInterrupt:
            self._end(self._supervisor.pid)
            raise

    def _wait(self, pid: int) -> None:
        """Until all parts are ready, or one is not going to be."""
        give_up = time.monotonic() + _START_S
        while time.monotonic() < give_up:
            state = plan.read(self._place.state, State)
            if not self._lives(pid):
                error = state.error if state is not None and state.pid == pid else None
                log = self._place.log("supervisor")
                why = error or f"ended; see {log}\n{_tail(log)}"
                raise PartFailed("the stack", f"did not start: {why}", None)
            if state is not None and state.pid == pid and _settled(state):
                return
            time.sleep(_POLL_S)
        raise PartFailed("the stack", f"was not ready in {_START_S:g} s", self._place.logs)

    def _end(self, pid: int | None) -> None:
        """Stop the supervisor, by force if it does not listen, and wait until all children are gone."""
        with suppress(NotRunning):
            control.ask(self._place, Request(Verb.DOWN))
        if self._gone_within(_STOP_S if pid is not None and _alive(pid) else _GONE_S):
            return
        if pid is not None and _alive(pid):
            os.kill(pid, signal.SIGKILL)
            if self._gone_within(_GONE_S):
                return
        raise StackBusy(self._place.name, pid)

    def _gone_within(self, seconds: float) -> bool:
        held = locks.acquire(self._place.lock, within_s=seconds)
        if held is None:
            return False
        os.close(held)
        self._reap()
        return True

    def _reap(self) -> None:
        """Take note of the end of the supervisor that we started, if we did."""
        if self._supervisor is not None:
            self._supervisor.wait()
            self._supervisor = None

    def _lives(self, pid: int) -> bool:
        if self._supervisor is not None and self._supervisor.pid == pid:
            return self._supervisor.poll() is None
        return _alive(pid)


def _lacks(state: State, wanted: Wanted) -> bool:
    """Whether a running stack has fewer parts than are wanted."""
    there = {part.name for part in state.parts}
    needed = {*wanted.runs, *(service.name for service in wanted.services)}
    return state.phase is not StackPhase.STARTING and not needed <= there


def _settled(state: State) -> bool:
    """Whether all is ready.

    Raises:
        PartFailed: a part is down, or fails again and again.
    """
    if state.phase is not StackPhase.RUNNING:
        return False
    for part in state.parts:
        over = part.phase in (PartPhase.DOWN, PartPhase.STOPPED)
        hopeless = part.phase is PartPhase.BACKING_OFF and part.restarts + 1 >= PATIENCE
        if over or hopeless:
            log = Path(part.log)
            raise PartFailed(part.name, f"ended ({part.exits}), {part.phase}", log, _tail(log))
    return all(part.phase in (PartPhase.READY, PartPhase.EXTERNAL) for part in state.parts)


def _tail(log: Path) -> str:
    """The last of a log, as much as fits a terminal."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")[-2000:]
    except OSError:
        return ""


def _alive(pid: int) -> bool:
    """Whether the process runs. A zombie, whose parent has not looked yet, does not."""
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
