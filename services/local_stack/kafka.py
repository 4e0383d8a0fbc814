"""Apache Kafka as one process: its configuration, its command line, its data directory.

Measured on two busy cores: 1.6 to 2.4 s until the port is open and 300 MB resident with the ahead-of-time cache,
3 to 4.4 s and 330 MB without.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack.java import Java
from services.local_stack.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Sequence


# C1 only: half the start-up and warm-up time, and transactions take as long as with both compilers
_JVM: Final = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)

_LOGGING: Final = """\
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d{HH:mm:ss.SSS} %-5p %c{1} %m%n
rootLogger.level=info
rootLogger.appenderRef.c.ref=C
"""

_SETTINGS: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # one node holds everything once
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # internal topics: 50 partitions each cost start-up time and files, and one node gains nothing from them
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    # a topic exists because the registry of topics says so, never because of a typing error
    "auto.create.topics.enable": "false",
    # bytes; a batch of a state log can be large, an event is at most 32 KB
    "message.max.bytes": str(4 * 1024 * 1024),
    # ms; nobody waits for members that will not come
    "group.initial.rebalance.delay.ms": "0",
    # ms; lets tests lose a member faster than the default of 6 s allows
    "group.min.session.timeout.ms": "1000",
    # ms; how late a transaction of a dead producer may be found, by default 10 s
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    # ms; a broker that was killed may register again when its old session is over, by default 9 s
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # ms; deleted topics give back their space at once, by default after a minute
    "log.segment.delete.delay.ms": "1000",
    # threads: the defaults are meant for a machine that does nothing else
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    # bytes of heap, of the 512 MB; by default 128 MB
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
}


@dataclass(frozen=True)
class Kit:
    """What every broker of this machine is run with: Java, verified jars, and what `prepare` made of them."""

    java: Java
    jars: tuple[Path, ...]
    directory: Path

    @property
    def aot_cache(self) -> Path:
        """Classes loaded and linked ahead of time; may be missing."""
        return self.directory / "kafka.aot"

    @property
    def checkpoint(self) -> Path:
        """What formatting writes beside the identity: the features of this Kafka version."""
        return self.directory / "bootstrap.checkpoint"

    @property
    def logging(self) -> Path:
        """The configuration of log4j."""
        return self.directory / "log4j2.properties"

    def command(self, main: str, *arguments: str, jvm: Sequence[str] = ()) -> list[str]:
        """The command line that runs a main class of Kafka."""
        return [
            str(self.java.program),
            *_JVM,
            *jvm,
            f"-Dlog4j2.configurationFile={self.logging}",
            "-cp",
            os.pathsep.join(map(str, self.jars)),
            main,
            *arguments,
        ]

    def broker(self, settings: Path) -> list[str]:
        """The command line of the broker. A cache that does not fit is ignored by Java, with a warning."""
        usable = self.java.writes_aot_cache and self.aot_cache.exists()
        jvm = [f"-XX:AOTCache={self.aot_cache}"] if usable else []
        return self.command("kafka.Kafka", str(settings), jvm=jvm)

    def write_logging(self) -> None:
        """Write the configuration of log4j."""
        self.logging.write_text(_LOGGING, encoding="utf-8")


def write_settings(path: Path, data: Path, port: int, controller_port: int) -> None:
    """Write the broker's configuration for these ports, which may differ from the last time."""
    own = {
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "log.dirs": str(data),
    }
    lines = [f"{name}={value}\n" for name, value in {**_SETTINGS, **own}.items()]
    path.write_text("".join(lines), encoding="utf-8")


def format_data(data: Path, kit: Kit) -> None:
    """Make an empty data directory a formatted one. Changes nothing when it is formatted.

    Kafka's own tool takes 2 to 6 s for it. It writes an identity, which we can make up, and a checkpoint of
    features, which is the same for every cluster of a version: without it the broker boots too, with
    transactions and groups of the oldest version.
    """
    identity = data / "meta.properties"
    if identity.exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kit.checkpoint, data / "bootstrap.checkpoint")
    lines = ["version=1", "node.id=1", f"cluster.id={new_id()}", f"directory.id={new_id()}"]
    half = identity.with_suffix(".half")
    half.write_text("\n".join(lines) + "\n", encoding="utf-8")
    half.replace(identity)  # last, so that a directory with an identity is complete


def new_id() -> str:
    """A random id in the form that Kafka writes ids in: 16 bytes, base64 for URLs, not beginning with a dash."""
    while True:
        text = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not text.startswith("-"):
            return text
