"""Playbook documents on disk: found, read, and checked by the engine's own compiler."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.trigger_engine.domain.playbook.checking import check_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from services.trigger_engine.domain.playbook.checking import Checked
    from services.trigger_engine.domain.playbook.problems import Problem
    from services.trigger_engine.domain.playbook.sets import CompiledSet

SUFFIXES: Final = (".yaml", ".yml")
A_PRODUCT: Final = re.compile(r"^product\s*:", re.MULTILINE)
"""A product document begins so, also one that can not be read for another reason."""

NO_VERSION: Final = 0
"""A set has a version once it lies in the log; what is checked here is only its text."""


@dataclass(frozen=True)
class Document:
    """One document. ``path`` finds it from here, ``name`` is the same on every machine."""

    path: str
    name: str
    text: str


class Unreadable(Exception):
    """A path that leads to no document.

    Attributes:
        path: As it was given.
        why: What is wrong with it.
    """

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}")


def read_documents(paths: Iterable[Path]) -> list[Document]:
    """All documents that ``paths`` (files, and directories with all below them) lead to, each once; by path."""
    found = {path: name for given in paths for path, name in _below(given)}
    return [Document(str(path), name, _text(path)) for path, name in sorted(found.items())]


def sets_of(documents: Sequence[Document]) -> Mapping[str, list[Document]]:
    """The sets that ``documents`` make, by where they lie: a product document, and all beside and below it.

    All are one set unless product documents lie in several directories. What lies beside none is a set without one.
    """
    homes = dict.fromkeys(Path(document.path).parent for document in documents if A_PRODUCT.search(document.text))
    if len(homes) < 2:  # noqa: PLR2004 - several
        return {str(next(iter(homes), Path())): list(documents)}
    found: dict[str, list[Document]] = {str(home): [] for home in homes}
    for document in documents:
        above = Path(document.path).parents
        found.setdefault(str(next((home for home in above if home in homes), above[0])), []).append(document)
    return found


def check(documents: Sequence[Document]) -> Checked:
    """The set that ``documents`` make; raises `SetRefused` with every problem."""
    return check_set([(document.path, document.text) for document in documents], NO_VERSION)


def told(problems: Iterable[Problem], documents: Sequence[Document]) -> str:
    """Every problem, each with the line it is about, as a compiler tells it."""
    texts = {document.path: document.text for document in documents}
    return "\n".join(problem.shown(texts.get(problem.place.path, "")) for problem in problems)


def summary(compiled: CompiledSet) -> str:
    """What is in a set, in one line."""
    offers = {offer.name for made in compiled.offers.values() for offer in made}
    return f"product {compiled.product.name}, {len(compiled.moments)} moments, {len(offers)} offers"


def _below(given: Path) -> Iterator[tuple[Path, str]]:
    if given.is_file():
        yield given, given.name
        return
    if not given.is_dir():
        raise Unreadable(given, "there is no such file or directory")
    inside = sorted(path for path in given.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not inside:
        raise Unreadable(given, f"holds no {' or '.join(SUFFIXES)} file")
    for path in inside:
        yield path, path.relative_to(given).as_posix()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Unreadable(path, "is not text in UTF-8") from None
    except OSError as error:
        raise Unreadable(path, error.strerror or "can not be read") from None
