"""Lines of a file or of standard input, also when they are compressed by gzip; how far they are read is told."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import gzip
import io
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import typer

from services.cli.where import fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GZIP: Final = b"\x1f\x8b"
"""How a file that gzip has compressed begins."""

STDIN: Final = Path("-")
EVERY: Final = 4_096
"""Lines between two words on how far it is: some milliseconds of work."""

File = Annotated[Path, typer.Argument(help="Where they stand, may be compressed by gzip; - reads standard input.")]


class Source:
    """A file that can be read from its beginning as often as needed."""

    def __init__(self, path: Path, file: IO[bytes], size: int, show: Callable[[int, int], None]) -> None:
        self.path = path
        self._file = file
        self._size = size
        self._show = show

    def lines(self) -> Iterator[bytes]:
        """Its lines, from the first one on; ends the command with a sentence when they can not be read."""
        self._file.seek(0)
        packed = self._file.read(len(GZIP)) == GZIP
        self._file.seek(0)
        with ExitStack() as stack:
            opened = stack.enter_context(gzip.open(self._file)) if packed else self._file
            try:
                for number, line in enumerate(opened):
                    if number % EVERY == 0:
                        self._show(self._file.tell(), self._size)
                    yield line
            except (OSError, EOFError) as error:
                fail(f"{self.path}: {error}")

    def texts(self) -> Iterator[str]:
        """Its lines as text; ends the command with a sentence when one is none."""
        for number, line in enumerate(self.lines(), start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                fail(f"{self.path}: line {number}: is not text in UTF-8")


@contextmanager
def opened(path: Path, what: str) -> Iterator[Source]:
    """The file, with a bar on standard error that says how far it is; standard input is kept until the end."""
    from tempfile import TemporaryFile

    from services.cli.asking import progress

    with ExitStack() as stack:
        show = stack.enter_context(progress(what))
        try:
            if path == STDIN:
                file: IO[bytes] = stack.enter_context(TemporaryFile())
                while chunk := sys.stdin.buffer.read(io.DEFAULT_BUFFER_SIZE):
                    file.write(chunk)
                size = file.tell()
            else:
                file = stack.enter_context(path.open("rb"))
                size = path.stat().st_size
        except OSError as error:
            fail(f"{path}: {error.strerror}")
        yield Source(path, file, size, show)
