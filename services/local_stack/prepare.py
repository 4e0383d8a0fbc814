"""What is done once per machine and Kafka version: download, format a template, write the ahead-of-time cache."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack import jars, java, kafka, locks
from services.local_stack.errors import PartFailed
from services.local_stack.launch import tied
from services.local_stack.ports import Ports

if TYPE_CHECKING:
    from services.local_stack.places import Home
    from services.local_stack.progress import Progress

# Seconds, about ten times what was measured on two busy cores: formatting 1.6 to 6, a start that records 5.4,
# writing the cache 8.6.
_FORMAT_S: Final = 60.0
_RECORD_S: Final = 60.0
_WRITE_S: Final = 90.0
_POLL_S: Final = 0.1
_STARTED: Final = "Kafka Server started"
_WARMING: Final = "warming up Kafka, once"


def prepare(home: Home, java_home: Path | None, progress: Progress) -> kafka.Kit:
    """Java, jars and the template, ready to run a broker with.

    Raises:
        StackError: something is missing and cannot be had; the message says what to do.
    """
    found = java.find(java_home)
    locked = tuple(jars.ensure(home.cache / "jars", progress))
    kit = kafka.Kit(found, locked, home.cache / f"kafka-{_fingerprint(found, locked)}")
    with locks.locked(home.cache / "kafka.lock"):
        if not kit.checkpoint.exists():
            _make(kit, progress)
    return kit


def _fingerprint(found: java.Java, locked: tuple[Path, ...]) -> str:
    """Changes with all that the cache depends on: Java, the jars and where they lie."""
    parts = (str(found.program), found.version, *map(str, locked), jars.LOCK.read_text("utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _make(kit: kafka.Kit, progress: Progress) -> None:
    """Fill the kit's directory; the checkpoint comes last and so says that all is there."""
    kit.directory.mkdir(parents=True, exist_ok=True)
    kit.write_logging()
    progress(_WARMING, 0, 0)
    with tempfile.TemporaryDirectory(prefix="format-", dir=kit.directory.parent) as scratch:
        directory = Path(scratch)
        data = directory / "data"
        settings = directory / "server.properties"
        ports = Ports()
        kafka.write_settings(settings, data, ports.choose(), ports.choose())
        _format(kit, settings, directory / "log")
        checkpoint = shutil.copyfile(data / "bootstrap.checkpoint", directory / "checkpoint")
        if kit.java.writes_aot_cache:
            _record(kit, settings, directory / "log")
        ports.release()
        checkpoint.replace(kit.checkpoint)
    progress(_WARMING, 1, 1)


def _format(kit: kafka.Kit, settings: Path, log: Path) -> None:
    command = kit.command("kafka.tools.StorageTool", "format", "-t", kafka.new_id(), "-c", str(settings))
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - Java
            tied(command, signal.SIGKILL),
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_FORMAT_S,
            check=False,
        )
    if done.returncode != 0:
        raise PartFailed("kafka", f"could not be formatted ({done.returncode})", None, log.read_text())


def _record(kit: kafka.Kit, settings: Path, log: Path) -> None:
    """Run a broker once so that Java writes the classes it loaded. No cache is no failure: starts are slower."""
    recorded = kit.aot_cache.with_suffix(".half")
    command = kit.command("kafka.Kafka", str(settings), jvm=[f"-XX:AOTCacheOutput={recorded}"])
    with log.open("wb") as output:
        broker = subprocess.Popen(  # noqa: S603 - Java
            tied(command, signal.SIGKILL), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        give_up = time.monotonic() + _RECORD_S
        while _STARTED not in log.read_text(encoding="utf-8", errors="replace"):
            if broker.poll() is not None or time.monotonic() > give_up:
                tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise PartFailed("kafka", "did not start", None, tail)
            time.sleep(_POLL_S)
        broker.terminate()  # Java writes the cache before it ends
        broker.wait(_WRITE_S)
    except subprocess.TimeoutExpired:
        recorded.unlink(missing_ok=True)
    finally:
        broker.kill()
        broker.wait()
    if recorded.exists():
        recorded.replace(kit.aot_cache)
