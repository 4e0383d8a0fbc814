"""Every shipped offer can be looked at: on each of its moments there is an account that gets it, or a reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from services.cli.documents import check, read_documents
from services.trigger_engine.domain.trying.example import Example
from services.trigger_engine.domain.trying.previewing import Asked, Preview
from services.trigger_engine.domain.trying.suited import suited

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
STORIES = sorted(path.name for path in PLAYBOOKS.iterdir() if path.is_dir())
NOW = 1_772_355_600_000_000
"""2026-03-01 09:00 UTC."""

MOSTLY = 0.85
"""Share of offers for which one is found. What a condition asks of two numbers beside each other is not guessed, nor
what another team keeps, such as an account's health."""


def test_an_account_that_gets_it_is_found_for_nearly_every_shipped_offer() -> None:
    seen = [one for story in STORIES for one in seen_of(story)]
    found = [one for one in seen if one.offer is not None and one.stopped is None]
    assert len(found) >= MOSTLY * len(seen)


@pytest.mark.parametrize("story", STORIES)
def test_where_none_is_found_it_is_told_what_stopped_it(story: str) -> None:
    assert [one for one in seen_of(story) if one.offer is None and one.stopped is None] == []


@cache
def seen_of(story: str) -> list[Preview]:
    """Every offer of a story, on each of its moments."""
    rules = check(read_documents([PLAYBOOKS / story])).compiled
    return [
        suited(Asked(offer, rules.moments[moment]), Example(), rules, NOW)
        for moment, offers in rules.offers.items()
        for offer in offers
    ]
