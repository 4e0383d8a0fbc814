"""Local files: what is large and seldom looked at lies on disk; the system keeps in memory what it has room for."""

import mmap
import tempfile
from pathlib import Path

import structlog
from typing_extensions import override

from services.trigger_engine.ports import Files

log = structlog.get_logger()


class MappedFiles(Files):
    """Files without a name in ``directory`` (None: the system's for temporary files): they end with the process."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    @override
    def keep(self, content: bytes) -> bytes | mmap.mmap:
        try:
            with tempfile.TemporaryFile(prefix="rung-", dir=self._directory) as file:
                file.write(content)
                file.flush()
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:  # no room, or not ours to write: then it stays where it is
            log.warning("kept in memory", bytes=len(content), directory=str(self._directory), why=str(error))
            return content
