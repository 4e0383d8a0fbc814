"""What is told of a thing on offer beside its price: all that it gives beyond what the account has."""

from typing import Any

import pytest

from schemas.offers import Gain
from tests.trigger_engine.domain.deciding.selling import SHOP, option


def gained(does: str, owns: list[str] | None = None, **more: Any) -> list[tuple[str, str | None, str]]:
    return [(gain.what, gain.before, gain.after) for gain in option(does, owns or [], **more).gains]


@pytest.mark.parametrize(
    ("does", "plan", "gains"),
    [
        pytest.param(
            "upgrade_to: team",
            {"plan": "free", "seats": 5},
            [
                ("storage_gb", "2", "5000"),
                ("members", "3", "5"),
                ("history", None, "included"),
                ("roles", None, "included"),
            ],
            id="limits and features of a plan",
        ),
        pytest.param(
            "upgrade_to: enterprise",
            {"plan": "team", "seats": 5, "term": "three_years"},
            [
                ("storage_gb", "5000", "unlimited"),
                ("members", "5", "unlimited"),
                ("audit", None, "included"),
                ("dedicated_support", None, "included"),
            ],
            id="and those of the term",
        ),
        pytest.param("add: photos", {"plan": "plus"}, [], id="a product is what it is"),
        pytest.param("add: room", {"plan": "plus"}, [("storage_gb", None, "+1000")], id="capacity"),
        pytest.param(
            "bundle: pair",
            {"plan": "plus"},
            [("photos", None, "included"), ("sign", None, "included")],
            id="what is in a bundle",
        ),
        pytest.param(
            "seats: 2",
            {"plan": "team", "seats": 3},
            [("seats", "3", "5"), ("storage_gb", "3000", "5000"), ("members", "3", "5")],
            id="seats, and what comes with each",
        ),
        pytest.param("highlight: history", {"plan": "free"}, [], id="what is no sale gives nothing"),
    ],
)
def test_an_option_lists_what_it_gives_beyond_what_they_have(
    does: str, plan: dict[str, Any], gains: list[tuple[str, str | None, str]]
) -> None:
    """S28: each offer lists the concrete difference; S65: in numbers."""
    assert gained(does, **plan) == gains


def test_capacity_in_a_bundle_is_a_gain() -> None:
    product = SHOP.replace("bundles:", "bundles:\n  - {id: big, items: [room, photos], price: {month: 5}}")
    assert option("bundle: big", product=product).gains[0] == Gain(what="storage_gb", after="+1000")


@pytest.mark.parametrize(
    ("does", "kind", "named"),
    [
        ("highlight: history", "feature", "history"),
        ("nurture: sharing_basics", "topic", "sharing_basics"),
        ("task: csm", "task", "csm"),
    ],
)
def test_what_is_no_sale_has_no_price(does: str, kind: str, named: str) -> None:
    found = option(does)
    assert (found.id, found.kind, found.price, found.saving, found.quantity) == (named, kind, None, None, None)


def test_a_product_says_what_sort_it_is() -> None:
    """S42: complementary tool, service, integration, analytics: a word of the operator's."""
    assert (option("add: photos").sort, option("add: sign").sort, option("bundle: pair").sort) == ("tool", None, None)
