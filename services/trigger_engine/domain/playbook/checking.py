"""The check before a set is published: it must be read without a fault, and make sense.

An engine only reads a set that is in force: it was checked when it was published, and a check that is added later
must not take it away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.trigger_engine.domain.playbook.playbook_checks import check_playbook
from services.trigger_engine.domain.playbook.problems import Problem
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import CompiledSet, compiled, read_set, refuse


@dataclass(frozen=True, slots=True)
class Checked:
    """A set that can be published, and what is likely a mistake in it."""

    compiled: CompiledSet
    warnings: tuple[Problem, ...]


def check_set(files: Sequence[tuple[str, str]], version: int) -> Checked:
    """Read and check ``files`` (path and text); raises `SetRefused` with every problem found.

    Whether a playbook makes sense is looked at once it and the product document are read without a fault: what was
    misread would be told twice.
    """
    problems = Problems()
    documents = read_set(files, problems)
    faulty = {problem.place.path for problem in problems.found}
    for playbook in documents.playbooks:
        if not faulty & {documents.path, playbook.sources.path}:
            check_playbook(playbook, documents.product, problems)
    refuse(problems)
    return Checked(compiled(documents, version), tuple(sorted(problems.warnings)))
