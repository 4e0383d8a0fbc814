"""The engine worked by a rule other than the one written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.violations import Kind
from tests.oracle.mutations.making import flagged, is_type

if TYPE_CHECKING:
    from tests.oracle.tampering import Tampering


def other_rules(logs: Tampering, before: str, after: str) -> None:
    """As if the engine had worked by a rule other than the one written."""
    found = False
    for place in list(logs.every("playbooks", is_type("set_published"))):
        text = (place.record.value or b"").decode()
        found = found or before in text
        logs.put(place, text.replace(before, after).encode())
    assert found


@flagged(Kind.DIFFERENT, Kind.MISSING)
def the_cap_is_one_too_low(logs: Tampering) -> None:
    other_rules(logs, "at_most: 1, per: 1h, each: offer", "at_most: 2, per: 1h, each: offer")


@flagged(Kind.DIFFERENT)
def a_step_is_another(logs: Tampering) -> None:
    other_rules(logs, "at: [80%, 90%, 100%]", "at: [79%, 90%, 100%]")


@flagged(Kind.MISSING, Kind.STATE)
def a_limit_is_reached_one_too_late(logs: Tampering) -> None:
    other_rules(logs, "storage_gb: 2, projects: 3", "storage_gb: 2, projects: 2")


@flagged(Kind.DIFFERENT)
def an_offer_stays_open_too_long(logs: Tampering) -> None:
    other_rules(logs, "open_for: 3d", "open_for: 2d")


@flagged(Kind.STATE)
def a_no_lasts_too_long(logs: Tampering) -> None:
    other_rules(logs, "after_a_no: never", "after_a_no: 3d")
