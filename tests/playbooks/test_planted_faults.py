"""The scenarios of the stories can fail: a change of what a story says fails the one that is about it."""

import pytest

from services.trigger_engine.domain.playbook.checking import check_set
from tests.playbooks.shipped import documents, failures


@pytest.mark.parametrize(
    ("story", "instead", "by", "fails"),
    [
        pytest.param(
            "bought_together", "{tv: 3.1,", "{tv: 1.1,", "a_cable_with_the_television", id="a weaker complement"
        ),
        pytest.param("bought_together", "{once: 200}", "{once: 240}", "three_for_the_price_of_two", id="dearer"),
        pytest.param(
            "bought_together", "shelf == 'photo'", "shelf != ''", "other_shelves_are_no_sign",
            id="whatever was looked at",
        ),
        pytest.param(
            "one_set_or_everything", "mark: photography", "mark: photo_editor", "the_middle_of_three_is_marked",
            id="another mark",
        ),
        pytest.param(
            "one_set_or_everything", "order: most_expensive_first", "order: cheapest_first", "the_dearest_stands_first",
            id="another order",
        ),
        pytest.param(
            "size_and_maturity", "price_step: 3x", "price_step: 6x", "ten_is_not_shown_fifty", id="a steeper step"
        ),
        pytest.param(
            "size_and_maturity", "at_most: 3, per: week", "at_most: 4, per: week",
            "three_a_week_for_those_who_are_there_a_lot", id="a wider cap",
        ),
        pytest.param(
            "adoption_path", "databases: meters.database_days >= 3", "databases: meters.database_days >= 0",
            "what_was_bought_must_be_used_first", id="in use without being used",
        ),
        pytest.param(
            "adoption_path", "account.seats > 1", "account.seats > 9", "fifty_pages_of_a_team", id="another segment"
        ),
        pytest.param(
            "contract_terms", "renewal_week, ", "", "nothing_in_the_week_of_renewal", id="the week of renewal left out"
        ),
        pytest.param("contract_terms", "just_signed, ", "", "nothing_at_signing", id="signing left out"),
        pytest.param(
            "usage_to_people", "account.readiness >= 0.7", "account.readiness >= 0.2",
            "the_offer_waits_until_somebody_is_ready", id="ready too soon",
        ),
        pytest.param("usage_to_people", ", unhappy]", "]", "health_gates_every_offer", id="health left out"),
    ],
)  # fmt: skip
def test_a_change_of_a_story_fails_the_scenario_that_is_about_it(story: str, instead: str, by: str, fails: str) -> None:
    assert fails in failures(check_set(documents(story, instead, by), 0))
