"""Offers that could never be made: each is told, with the reason."""

import pytest

from tests.trigger_engine.domain.building import playbook
from tests.trigger_engine.domain.playbook.one_offer import FULLY, REPORTED, product_with, rules
from tests.trigger_engine.domain.playbook.whole_playbook import checked

# --- the top, the ladder and the price ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "upgrade", "broken"),
    [
        pytest.param([("first_price: 20", "first_price: 8")], "plus", ["too-steep"], id="above the first price"),
        pytest.param([("first_price: 20", "first_price: 9")], "plus", [], id="its yearly price a month is below"),
        pytest.param([("first_price: 20", "first_price: 14")], "team", ["too-steep"], id="above it for each seat"),
        pytest.param([("  first_price: 20\n", "")], "plus", [], id="no first price, no bound"),
        pytest.param(
            [("id: free, price: 0", "id: free, price: {month: 2}")], "plus", ["too-steep"], id="more than three times"
        ),
        pytest.param(
            [("id: free, price: 0", "id: free, price: {month: 3}"), ("{month: 10, year: 96.10}", "{month: 9}")],
            "plus",
            [],
            id="three times are no more than three",
        ),
        pytest.param(
            [("id: free, price: 0", "id: free, price: {month: 3}"), ("  price_step: 3x\n", "")],
            "plus",
            [],
            id="no step, no bound",
        ),
        pytest.param(
            [("price_step: 3x", "price_step: 1.5x")],
            "enterprise",
            [],
            id="from seats to one price it depends on the seats",
        ),
        pytest.param(
            [("id: free, price: 0", "id: free, price: {month: 4}")],
            "team",
            ["too-steep"],
            id="to a price for each seat, with one seat",
        ),
    ],
)
def test_a_step_that_is_too_steep_for_all_is_refused(
    prices: list[tuple[str, str]], upgrade: str, broken: list[str]
) -> None:
    assert rules(f"up: {{on: [reported], upgrade_to: {upgrade}}}", product=product_with(*prices)) == broken


@pytest.mark.parametrize(
    ("upgrade", "whom", "broken"),
    [
        pytest.param("next on personal", "account.plan == 'plus'", ["top-rung"], id="the top of the ladder"),
        pytest.param("next on personal", "account.plan != 'free'", ["top-rung"], id="all but the lowest"),
        pytest.param("next on personal", "account.plan in ['free', 'plus']", [], id="one of them below"),
        pytest.param("next on personal", "account.seats > 3", [], id="anybody with seats"),
        pytest.param("next on work", "account.plan == 'plus'", ["top-rung"], id="who is not on the ladder"),
        pytest.param("free", None, ["top-rung"], id="the lowest rung"),
        pytest.param("next", "account.plan == 'free'", ["ambiguous-ladder"], id="two ladders lead on from there"),
        pytest.param("next", "account.plan == 'team'", [], id="one ladder leads on from there"),
        pytest.param("fitting", "account.plan == 'enterprise'", ["top-rung"], id="nothing fits above the top"),
        pytest.param("{unlocks: docs}", "account.plan == 'enterprise'", ["top-rung"], id="who has the feature"),
        pytest.param("{unlocks: docs}", "account.plan == 'plus'", ["top-rung"], id="whose ladder does not lead to it"),
        pytest.param("{unlocks: docs}", "account.plan == 'team'", [], id="whose ladder leads to it"),
        pytest.param(
            "{unlocks: docs}", "account.plan == 'free'", ["too-steep"], id="whose ladder leads to it in a leap"
        ),
    ],
)
def test_nothing_is_offered_above_the_top(upgrade: str, whom: str | None, broken: list[str]) -> None:
    only_for = f', for: "{whom}"' if whom else ""
    assert rules(f"up: {{on: [reported], upgrade_to: {upgrade}{only_for}}}") == broken


@pytest.mark.parametrize(
    ("limits", "broken"),
    [
        pytest.param("storage_gb: 2000", [], id="more"),
        pytest.param("storage_gb: 2", ["lifts-nothing"], id="the same"),
        pytest.param("storage_gb: 1", ["lifts-nothing"], id="less"),
        pytest.param("storage_gb: unlimited", [], id="no limit at all"),
        pytest.param("storage_gb: {per_seat: 1}", [], id="so much for each seat, which may be more"),
        pytest.param("sharing: 5", ["lifts-nothing"], id="nobody knows"),
    ],
)
def test_an_upgrade_at_a_limit_must_be_able_to_raise_it(limits: str, broken: list[str]) -> None:
    product = product_with(("limits: {storage_gb: 2000, projects: 50}", f"limits: {{{limits}, projects: 50}}"))
    assert rules("up: {on: [full], upgrade_to: plus}", FULLY, product) == broken


def test_a_playbook_may_bound_the_step_itself() -> None:
    text = playbook([REPORTED], ["up: {on: [reported], upgrade_to: plus}"])
    assert [problem.rule for problem in checked(f"{text}\nguardrails: {{first_price: 8}}").found] == ["too-steep"]
    assert checked(f"{text}\nguardrails: {{first_price: 9}}").found == []
    product = product_with(("id: free, price: 0", "id: free, price: {month: 4}"))
    assert [problem.rule for problem in checked(f"{text}\nguardrails: {{price_step: 2x}}", product).found] == [
        "too-steep"
    ]


def test_a_limit_that_is_unlimited_already_can_not_be_raised() -> None:
    product = product_with(("{storage_gb: 2, projects: 3}", "{storage_gb: unlimited, projects: 3}"))
    assert rules("up: {on: [full], upgrade_to: next on personal}", FULLY, product) == ["lifts-nothing"]


# --- goods ------------------------------------------------------------------------------------------


def test_seats_that_fit_need_members_that_are_counted() -> None:
    offer = "seats: {on: [reported], seats: fitting}"
    assert rules(offer) == []
    assert rules(offer, product=product_with(("sharing: seats", "sharing: 5"))) == ["no-members"]


def test_seats_need_a_plan_that_is_sold_per_seat() -> None:
    product = product_with(("per: seat, limits", "limits"))
    assert rules("seats: {on: [reported], seats: 5}", product=product) == ["no-seats"]
    assert rules("seats: {on: [reported], seats: fitting}", product=product) == ["no-seats"]
    assert rules("seats: {on: [reported], seats: 5}") == []


def test_a_complement_needs_products_that_say_what_they_go_with() -> None:
    offer = "more: {on: [reported], add: complement}"
    assert rules(offer) == []
    assert rules(offer, product=product_with((", goes_with: {plus: 1.4, sign: 2}", ""))) == ["no-complement"]


@pytest.mark.parametrize(
    ("term", "broken"), [("next", []), ("year", []), ("three_years", []), ("month", ["no-longer-term"])]
)
def test_a_term_must_be_longer_than_another_of_its_plan(term: str, broken: list[str]) -> None:
    assert rules(f"term: {{on: [reported], term: {term}}}") == broken


@pytest.mark.parametrize(
    ("items", "broken"),
    [
        pytest.param("[free, plus], mark: plus", [], id="one of two plans is above the other"),
        pytest.param("[photos, enterprise]", [], id="a product, and a plan beside it"),
        pytest.param("[photos, free], mark: free", ["mark"], id="a mark on what nobody can go to"),
        pytest.param(
            "[team, plus], mark: plus, for: account.plan == 'team'", ["no-target"], id="plans for who is there"
        ),
        pytest.param("[enterprise, plus], mark: plus, for: account.plan == 'team'", ["mark"], id="a mark for others"),
        pytest.param(
            "[enterprise, plus], mark: enterprise, for: account.plan == 'team'", [], id="a mark, and an anchor"
        ),
    ],
)
def test_one_choice_at_least_must_be_something_to_go_to(items: str, broken: list[str]) -> None:
    assert rules(f"pick: {{on: [reported], choose_from: {items}}}") == broken


def test_choices_that_nobody_can_go_to_are_refused() -> None:
    product = product_with(
        ("personal: [free, plus]", "personal: [plus, team]"), ("[free, team, enterprise]", "[team, enterprise]")
    )
    assert rules("pick: {on: [reported], choose_from: [free, plus]}", product=product) == ["no-target"]


# --- segments and levels ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("does", "broken"),
    [
        ("add: photos", ["disengaged"]),
        ("upgrade_to: plus", ["disengaged"]),
        ("choose_from: [photos, sign]", ["disengaged"]),
        ("nurture: basics", []),
        ("task: csm", []),
        ("highlight: history", []),
    ],
)
def test_nothing_is_sold_to_the_disengaged(does: str, broken: list[str]) -> None:
    product = product_with(("- low: otherwise", "- disengaged: otherwise"))
    assert rules(f"it: {{on: [reported], for: engagement.disengaged, {does}}}", product=product) == broken
    assert rules(f"it: {{on: [reported], for: not engagement.high, {does}}}", product=product) == []


def test_a_segment_is_empty_through_the_segments_that_it_names() -> None:
    nested = "small: account.team < 5\n  none: small && account.team > 5"
    assert rules("it: {on: [reported], add: photos}", segments=nested) == ["empty-segment"]


def test_an_offer_for_both_a_segment_and_not_it_is_for_nobody() -> None:
    offer = "it: {on: [reported], add: photos, for: small && not small}"
    assert rules(offer, segments="small: account.team < 5") == ["empty-segment"]


# --- shadowed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "broken"),
    [
        pytest.param(
            "b: {on: [reported], add: photos, family: one}", ["shadowed"], id="the same, later in the alphabet"
        ),
        pytest.param(
            "b: {on: [reported], add: photos, family: one, boost: 0.5}", ["shadowed"], id="the same, weighing less"
        ),
        pytest.param(
            "b: {on: [reported], add: photos, family: one, for: account.team > 3}",
            ["shadowed"],
            id="the same for fewer",
        ),
        pytest.param(
            "b: {on: [reported], add: photos, family: one, not_before: {account.age: 9d}}",
            ["shadowed"],
            id="the same, later on",
        ),
        pytest.param(
            "b: {on: [reported], add: photos, family: one, runs: {from: 2026-11-01}}",
            ["shadowed"],
            id="the same, for a while",
        ),
        pytest.param(
            "b: {on: [reported], add: photos, family: one, boost: 2}",
            ["shadowed"],
            id="the other is, by what weighs more",
        ),
        pytest.param("b: {on: [reported], add: photos, family: two}", [], id="of another family"),
        pytest.param("b: {on: [reported], add: sign, family: one}", [], id="something else"),
        pytest.param("b: {on: [reported], add: photos, family: one, placements: [modal]}", [], id="somewhere else"),
        pytest.param("b: {on: [reported, full], add: photos, family: one}", [], id="at one more moment"),
    ],
)
def test_an_offer_that_always_loses_is_told(other: str, broken: list[str]) -> None:
    text = playbook(
        [REPORTED, FULLY], ["a: {on: [reported], add: photos, family: one}", other, "c: {on: [full], add: sign}"]
    )
    assert [problem.rule for problem in checked(text).found] == broken


@pytest.mark.parametrize(
    "only",
    [
        pytest.param("not_before: {account.age: 9d}", id="when the other must wait"),
        pytest.param("runs: {from: 2026-11-01}", id="when the other runs for a while"),
        pytest.param("for: account.team > 3", id="when the other is for fewer"),
    ],
)
def test_an_offer_that_has_its_turn_at_other_times_is_not_shadowed(only: str) -> None:
    first = f"a: {{on: [reported], add: photos, family: one, {only}}}"
    assert checked(playbook([REPORTED], [first, "b: {on: [reported], add: photos, family: one}"])).found == []


def test_of_two_offers_the_one_that_weighs_less_is_the_shadowed() -> None:
    second = "b: {on: [reported], add: photos, family: one, boost: 2}"
    (problem,) = checked(playbook([REPORTED], ["a: {on: [reported], add: photos, family: one}", second])).found
    assert problem.message == "offer 'a' is never made: 'b' offers the same wherever it could, and goes before it"


def test_an_offer_that_has_its_turn_when_the_other_is_used_up_is_not_shadowed() -> None:
    text = playbook(
        [REPORTED], ["a: {on: [reported], add: photos, family: one}", "b: {on: [reported], add: photos, family: one}"]
    )
    assert checked(text, product_with(("each: user", "each: offer"))).found == []
    own = f"{text}\nguardrails: {{caps: [{{at_most: 1, per: 1d, each: offer}}]}}"
    assert checked(own).found == []
