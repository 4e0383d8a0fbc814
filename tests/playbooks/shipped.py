"""The playbooks that are shipped: each directory of `playbooks` is a set of its own, with its scenarios."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from services.trigger_engine.domain.playbook.checking import Checked, check_set
from services.trigger_engine.domain.playbook.scenario import Expects, Scenario
from services.trigger_engine.domain.trying.playing import play
from services.trigger_engine.settings import EngineSettings

PLAYBOOKS: Final = Path(__file__).parents[2] / "playbooks"
STORIES: Final = sorted(path.name for path in PLAYBOOKS.iterdir() if path.is_dir())
LATENESS_US: Final = EngineSettings.model_fields["lateness_s"].default * 1_000_000


def documents(story: str, instead: str = "", by: str = "") -> list[tuple[str, str]]:
    """The documents of a story; with a fault planted in it, but not in its scenarios, when ``instead`` is said."""
    found = []
    for path in sorted((PLAYBOOKS / story).glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found.append((path.name, text if ".scenarios" in path.name or not instead else text.replace(instead, by)))
    return found


@cache
def checked(story: str) -> Checked:
    """The story as `rung check` reads it."""
    return check_set(documents(story), 0)


def scenarios(found: Checked) -> Iterator[Scenario]:
    """All scenarios of a set."""
    for document in found.scenarios.values():
        yield from document.scenarios.values()


def expectations(found: Checked) -> Iterator[Expects]:
    """All that they expect."""
    for scenario in scenarios(found):
        yield from (step for step in scenario.steps if isinstance(step, Expects))


def failures(found: Checked) -> dict[str, str]:
    """Why each scenario fails that does."""
    played = [play(scenario, found.compiled, LATENESS_US) for scenario in scenarios(found)]
    return {one.name: one.failed.why for one in played if one.failed is not None}
