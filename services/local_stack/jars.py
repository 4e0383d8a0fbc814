"""Kafka's jars: exactly the locked ones, downloaded once, verified at every start.

The lock (`kafka.lock`) names every jar with its sha256, so a start resolves nothing: each jar is fetched by its
coordinates. The package that downloads verifies no cached jar, so we do.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack import locks
from services.local_stack.errors import DownloadFailed, JarRefused, PackagesMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.local_stack.progress import Progress

LOCK: Final = Path(__file__).with_name("kafka.lock")
# enough to hide the waiting between small files, few enough to be polite
_PARALLEL: Final = 6


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """As the repository names it; no two locked jars share one."""
        return f"{self.artifact}-{self.version}.jar"


def read_lock(path: Path = LOCK) -> list[Jar]:
    """The locked jars, in the order of the lock, which is the order of the class path."""
    jars = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            sha256, coordinates = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return jars


def ensure(cache: Path, progress: Progress, lock: Path = LOCK) -> list[Path]:
    """All jars of ``lock`` in ``cache``, downloading what is missing.

    Processes that do so at the same time take turns; a jar appears in the cache whole and verified, or not at all.

    Raises:
        DownloadFailed: a missing jar could not be fetched.
        JarRefused: a jar is not the locked one.
        PackagesMissing: jars are missing and nothing can download them.
    """
    wanted = read_lock(lock)
    with locks.locked(cache.with_suffix(".lock")):
        missing = [jar for jar in wanted if not (cache / jar.filename).exists()]
        if missing:
            _download(missing, cache, len(wanted), progress)
    return [_verified(cache / jar.filename, jar) for jar in wanted]


def _verified(path: Path, jar: Jar) -> Path:
    with path.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarRefused(path, found, jar.sha256)
    return path


def _download(missing: Sequence[Jar], cache: Path, total: int, progress: Progress) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    done = total - len(missing)
    progress("Kafka's jars", done, total)
    scratch = Path(tempfile.mkdtemp(prefix="jars-", dir=cache.parent))
    pool = ThreadPoolExecutor(_PARALLEL)
    try:
        for fetched in as_completed([pool.submit(_fetch, jar, scratch, cache) for jar in missing]):
            fetched.result()
            done += 1
            progress("Kafka's jars", done, total)
    finally:
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(scratch)


def _fetch(jar: Jar, scratch: Path, cache: Path) -> None:
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415 - an optional package, slow to import
    except ModuleNotFoundError:
        raise PackagesMissing("downloader of Kafka's jars", "set KAFKA_BOOTSTRAP_SERVERS") from None
    component = MavenContext(repo_cache=scratch).project(jar.group, jar.artifact)
    try:
        path = component.at_version(jar.version).artifact().resolve()
    except (OSError, RuntimeError) as error:  # not reachable; not found, or damaged on the way
        raise DownloadFailed(jar.filename, type(error).__name__) from error
    _verified(path, jar).replace(cache / jar.filename)
