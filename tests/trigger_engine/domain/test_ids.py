"""Ids are derived from what they identify."""

import json
from decimal import Decimal
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain import ids
from services.trigger_engine.domain.moments.passed import Passed
from tests.trigger_engine.domain.building import FULL, MORE, rules

MOMENT = rules([FULL], [MORE]).moments["storage_full"]


def test_an_id_never_changes() -> None:
    """Held to the letter: a change of what an id is made of would make every offer twice after an update."""
    assert (
        ids.offer_id("acme", "more", "storage_full", "storage_full|||0.8|0") == "424014d0-8c88-5891-8b2e-72294d38394a"
    )
    assert ids.decision_id("acme", ["a", "b"], 1) == "44f9a053-ce28-5975-a319-01be7ff5bb60"
    assert ids.outcome_id("o", "made", 1) == "4ac4b496-fbbb-5dab-af6f-4faaf7da57a7"
    assert ids.offer_event_id("o", 1) == "236606f7-1b64-5555-bfc9-23ef184ba9ec"
    assert ids.fact_id("acme", "billing", "f-1") == "34d05d3b-7613-5438-8342-3ffcb007b5d0"


@given(st.text(), st.lists(st.text() | st.integers(-(2**63), 2**63 - 1) | st.none() | st.lists(st.text())))
def test_an_id_is_a_uuid5_of_canonical_json(kind: str, fields: list[ids.Field]) -> None:
    name = json.dumps([ids.FORMAT, kind, *fields], ensure_ascii=False, separators=(",", ":"))
    assert ids.derived(kind, *fields) == str(uuid5(ids.NAMESPACE, name))


def test_fields_do_not_run_into_each_other() -> None:
    found = {
        ids.derived("k", "a", "b"),
        ids.derived("k", "ab", ""),
        ids.derived("k", "a", None),
        ids.derived("k", "a", "null"),
        ids.derived("k", "a", "1"),
        ids.derived("k", "a", 1),
        ids.derived("k", 'a","b'),
    }
    assert len(found) == 7
    assert all(UUID(one).version == 5 for one in found)


def test_what_fired_together_is_one_decision_in_whatever_order() -> None:
    assert ids.decision_id("acme", ["a", "b"], 1) == ids.decision_id("acme", ["b", "a"], 1)
    assert ids.decision_id("acme", ["a", "b"], 1) != ids.decision_id("acme", ["a", "b"], 2)


def test_occurrences_are_told_apart() -> None:
    passed = [
        Passed(MOMENT, 0),
        Passed(MOMENT, 0, user="ann"),
        Passed(MOMENT, 0, user="ann|5"),
        Passed(MOMENT, 0, user="ann", period=5),
        Passed(MOMENT, 0, step=Decimal("0.8")),
        Passed(MOMENT, 0, step=Decimal(1)),
        Passed(MOMENT, 0, arm=1),
    ]
    assert len({one.occurrence for one in passed}) == len(passed)


def test_an_occurrence_does_not_depend_on_how_a_number_was_written() -> None:
    assert Passed(MOMENT, 0, step=Decimal("0.80")).occurrence == Passed(MOMENT, 5, step=Decimal("0.8")).occurrence
    assert Passed(MOMENT, 0, step=Decimal("1E+0")).occurrence.endswith("|1|0")
