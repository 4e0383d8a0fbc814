"""The check before a set is published: it must be read without a fault, and make sense.

An engine only reads a set that is in force: it was checked when it was published, and a check that is added later
must not take it away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.trigger_engine.domain.playbook.playbook_checks import check_playbook
from services.trigger_engine.domain.playbook.problems import Problem
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario import Scenarios
from services.trigger_engine.domain.playbook.scenario_reader import read_scenarios
from services.trigger_engine.domain.playbook.sets import CompiledSet, Documents, compiled, read_set, refuse


@dataclass(frozen=True, slots=True)
class Checked:
    """A set that can be published, what is likely a mistake in it, and its tests, by path."""

    compiled: CompiledSet
    warnings: tuple[Problem, ...]
    scenarios: Mapping[str, Scenarios]


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
    scenarios = {} if documents.path in faulty else dict(_scenarios(documents, problems))
    refuse(problems)
    return Checked(compiled(documents, version), tuple(sorted(problems.warnings)), scenarios)


def _scenarios(documents: Documents, problems: Problems) -> Iterator[tuple[str, Scenarios]]:
    """The tests of the playbooks, each of one that is there."""
    offers = [name for playbook in documents.playbooks for name in playbook.sources.named("offers")]
    for root in documents.scenarios:
        yield root.place.path, read_scenarios(root, documents.product, offers, problems)
        of = next(entry.node for entry in root.entries() if entry.key == "scenarios")
        known = [playbook.name for playbook in documents.playbooks]
        if of.value:
            problems.one_of(of, "a playbook of this set", known, "unknown-playbook")
