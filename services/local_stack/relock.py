"""Write `kafka.lock` anew: `python -m services.local_stack.relock`, after changing a version below.

The only place that resolves dependencies. Compare the outcome with Maven's own resolution before committing it.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from pathlib import Path
from typing import Final

from services.local_stack.jars import LOCK

# The `!` keeps a part's pom from managing the versions of the others: without it log4j's pom, which manages
# kafka-clients, jackson and zstd-jni, silently downgrades them. Kafka 4 logs through slf4j 1.7, so the binding is
# log4j-slf4j-impl and not log4j-slf4j2-impl.
KAFKA: Final = "org.apache.kafka:kafka_2.13:4.1.0!+org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!"
_HEADER: Final = "# sha256 and coordinates of all jars that Kafka runs on; written by relock.py\n"


def resolve() -> list[str]:
    """The lines of the lock."""
    from jgo.env import EnvironmentBuilder, LinkStrategy, _builder  # noqa: PLC0415 - optional, slow to import
    from jgo.maven import MavenContext  # noqa: PLC0415 - likewise

    # it would download a JDK 11 to sort jars into modules and others; we take both
    _builder.get_baseline_jar_tool = lambda: None
    with tempfile.TemporaryDirectory() as scratch:
        context = MavenContext(repo_cache=Path(scratch, "repository"))
        builder = EnvironmentBuilder(
            context=context,
            cache_dir=Path(scratch, "environments"),
            link_strategy=LinkStrategy.SOFT,  # so that a jar can be traced to its coordinates
        )
        # all_jars, because `classpath` leaves out those sorted into modules
        jars = [Path(jar).resolve() for jar in builder.from_endpoint(KAFKA).all_jars]
        lines = [_line(jar, context.repo_cache.resolve()) for jar in jars]
        return sorted(lines, key=lambda line: line.rpartition(":")[0].rpartition(":")[2])


def _line(jar: Path, repository: Path) -> str:
    """One line: a repository keeps a jar at group/with/slashes/artifact/version/artifact-version.jar."""
    *group, artifact, version, _ = jar.relative_to(repository).parts
    sha256 = hashlib.sha256(jar.read_bytes()).hexdigest()
    return f"{sha256}  {'.'.join(group)}:{artifact}:{version}\n"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    LOCK.write_text(_HEADER + "".join(resolve()), encoding="utf-8")
