"""Every service is laid out the same and opens with its boundary card, which agrees with the registry of topics."""

import ast
import re
from typing import Final

import pytest

from schemas.topics import DEFAULT_PREFIX, FLOW
from tests.architecture.tree import ROOT, SERVICES

LINES: Final = ("Consumes", "Emits", "Owns", "Not ours", "Guarantee")
FILES: Final = ("__init__.py", "__main__.py", "settings.py", "wiring.py", "ports.py", "metrics.py")
FOLDERS: Final = ("domain", "adapters")

each_service = pytest.mark.parametrize("service", SERVICES)


def _card(service: str) -> dict[str, str]:
    """The lines of a service's boundary card, by their first word."""
    card = ast.get_docstring(ast.parse((ROOT / "services" / service / "__init__.py").read_text())) or ""
    return {name: text for line in card.splitlines() for name in LINES if (text := _after(name, line))}


def _after(name: str, line: str) -> str:
    return line.removeprefix(name).strip() if line.startswith(f"{name} ") else ""


def _topics(text: str) -> set[str]:
    """Topics named in a line of a card; ``rung.engine-{state,seen}`` are two."""
    found: set[str] = set()
    for name, choices in re.findall(rf"{DEFAULT_PREFIX}\.([a-z-]+)(?:\{{([a-z,]+)\}})?", text):
        found |= {name + choice for choice in choices.split(",")}
    return found


@each_service
def test_a_service_has_the_same_files_as_every_other(service: str) -> None:
    home = ROOT / "services" / service
    missing = [name for name in FILES if not (home / name).is_file()]
    missing += [name for name in FOLDERS if not (home / name / "__init__.py").is_file()]
    assert missing == []


@each_service
def test_a_service_opens_with_its_boundary_card(service: str) -> None:
    assert tuple(_card(service)) == LINES


@each_service
def test_a_card_claims_no_topic_that_the_registry_gives_to_another(service: str) -> None:
    card = _card(service)
    written = {topic.name for topic in FLOW if service in topic.producers}
    read = {topic.name for topic in FLOW if service in topic.consumers}
    assert _topics(card["Emits"])
    assert _topics(card["Emits"]) <= written
    assert _topics(card["Consumes"])
    assert _topics(card["Consumes"]) <= read


@each_service
def test_a_card_leaves_out_no_topic_that_the_service_writes(service: str) -> None:
    assert {topic.name for topic in FLOW if service in topic.producers} - {"playbooks"} <= _topics(
        _card(service)["Emits"]
    )


@each_service
def test_a_card_names_who_does_what_the_service_does_not(service: str) -> None:
    assert set(re.findall(r"\((\w+)\)", _card(service)["Not ours"])) == set(SERVICES) - {service}
