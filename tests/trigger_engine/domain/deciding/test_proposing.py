"""What an offer would put before an account: what it adds a month, to what is paid now, and of which sort it is."""

from decimal import Decimal
from typing import Any

import pytest

from services.trigger_engine.domain.deciding.candidate import Sort
from tests.trigger_engine.domain.deciding.selling import put

TEAM: dict[str, Any] = {"plan": "team", "seats": 4, "term": "month"}


@pytest.mark.parametrize(
    ("does", "owns", "plan", "increase", "present", "sort"),
    [
        pytest.param("upgrade_to: plus", [], {"plan": "free"}, "10", "0", Sort.UPSELL, id="a plan, from nothing"),
        pytest.param("upgrade_to: team", [], {"plan": "free", "seats": 4}, "72", "0", Sort.UPSELL, id="by seat"),
        pytest.param("upgrade_to: team", [], {"plan": "free"}, None, "0", Sort.UPSELL, id="by seats nobody knows"),
        pytest.param("upgrade_to: enterprise", [], TEAM, "428", "72", Sort.UPSELL, id="from seats to one price"),
        pytest.param("upgrade_to: talks", [], {"plan": "enterprise"}, None, "500", Sort.UPSELL, id="to no price"),
        pytest.param(
            "upgrade_to: {unlocks: dedicated_support}", [], TEAM, "344.666667", "72", Sort.UPSELL, id="for one term"
        ),
        pytest.param("upgrade_to: plus", ["photos"], {"plan": "free"}, "10", "4", Sort.UPSELL, id="products stay"),
        pytest.param("add: photos", [], TEAM, "4", "72", Sort.CROSS_SELL, id="a product"),
        pytest.param("add: photos", [], {"plan": "talks"}, "4", None, Sort.CROSS_SELL, id="beside no price"),
        pytest.param("add: cable", [], TEAM, "0", "72", Sort.CROSS_SELL, id="paid once"),
        pytest.param("add: room", ["room"], TEAM, "3", "75", Sort.UPSELL, id="capacity, again"),
        pytest.param("add: complement", ["photos"], TEAM, "8", "76", Sort.CROSS_SELL, id="what goes with it"),
        pytest.param("bundle: creative", ["photos"], TEAM, "7.5", "76", Sort.CROSS_SELL, id="what is left of a bundle"),
        pytest.param("seats: 3", [], TEAM, "54", "72", Sort.UPSELL, id="seats"),
        pytest.param("seats: 3", [], TEAM | {"price": 10}, "30", "40", Sort.UPSELL, id="at their own price"),
        pytest.param("term: next", [], TEAM, "-12", "72", Sort.UPSELL, id="a longer term costs less"),
        pytest.param("term: next", ["photos"], TEAM, "-12", "76", Sort.UPSELL, id="of the plan alone"),
        pytest.param("highlight: history", [], TEAM, None, "72", None, id="a highlight"),
        pytest.param("nurture: basics", [], TEAM, None, "72", None, id="help"),
        pytest.param("task: csm", [], TEAM, None, "72", None, id="a task"),
        pytest.param("choose_from: [photos, sign]", [], TEAM, "4", "72", Sort.CROSS_SELL, id="of one sort"),
        pytest.param("choose_from: [enterprise, room]", [], TEAM, "428", "72", Sort.UPSELL, id="more of what there is"),
        pytest.param("choose_from: [photos, room]", [], TEAM, "4", "72", None, id="of both sorts"),
    ],
)
def test_what_an_offer_adds_a_month_and_of_which_sort_it_is(
    does: str, owns: list[str], plan: dict[str, Any], increase: str | None, present: str | None, sort: Sort | None
) -> None:
    """S43: more of what the account has, or something beside it."""
    found = put(does, owns, **plan).about
    assert found.increase == (None if increase is None else Decimal(increase))
    assert found.present == (None if present is None else Decimal(present))
    assert found.sort is sort


@pytest.mark.parametrize(
    ("does", "owns", "strength"),
    [
        ("add: photos", [], "1.2"),
        ("add: complement", ["photos"], "2"),
        ("bundle: creative", [], "1"),
        ("upgrade_to: enterprise", [], "1"),
        ("choose_from: [photos, sign]", [], "1.2"),
    ],
)
def test_how_strongly_it_goes_with_what_they_have(does: str, owns: list[str], strength: str) -> None:
    assert put(does, owns, **TEAM).about.strength == Decimal(strength)
