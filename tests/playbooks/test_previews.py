"""Every shipped offer can be looked at: on each of its moments there is an account that gets it, or a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.documents import check, read_documents
from services.trigger_engine.domain.trying.example import Example
from services.trigger_engine.domain.trying.previewing import Asked
from services.trigger_engine.domain.trying.suited import suited

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
STORIES = sorted(path.name for path in PLAYBOOKS.iterdir() if path.is_dir())
NOW = 1_772_355_600_000_000
"""2026-03-01 09:00 UTC."""

MOSTLY = 0.9
"""Share of offers for which one is found. What a condition asks of two numbers beside each other is not guessed."""


@pytest.mark.parametrize("story", STORIES)
def test_an_account_that_gets_it_is_found_for_nearly_every_shipped_offer(story: str) -> None:
    rules = check(read_documents([PLAYBOOKS / story])).compiled
    seen = [
        suited(Asked(offer, rules.moments[moment]), Example(), rules, NOW)
        for moment, offers in rules.offers.items()
        for offer in offers
    ]
    found = [one for one in seen if one.offer is not None and one.stopped is None]
    assert all(one.stopped is not None for one in seen if one not in found)
    assert len(found) >= MOSTLY * len(seen)
