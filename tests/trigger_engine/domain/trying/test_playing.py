"""Stories of one account, each with the steps that matter."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.trying.playing import play
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, D, playbook

if TYPE_CHECKING:
    from services.trigger_engine.domain.trying.played import Failed

CABLE: Final = "cable_offer: {on: [met], add: cable, placements: [modal]}"
MET: Final = "met: {onboarding: [member.invited, file.shared], of: user, within: 1d}"
GUARDRAILS: Final = "guardrails: {quiet_when: [onboarding], caps: [{at_most: 5, per: 7d}]}\n"


def played(*steps: str, account: str = "{plan: free}") -> Failed | None:
    """What failed when these steps happen to an account; each is one line."""
    story = "\n".join(f"      - {step}" for step in steps)
    texts = (
        ("product.yaml", PRODUCT + GUARDRAILS),
        ("story.yaml", playbook([FULL, REPORT, MET], [MORE, PHOTOS, CABLE])),
        ("story.scenarios.yaml", f"scenarios: story\naccount: {account}\ntests:\n  one:\n    steps:\n{story}\n"),
    )
    checked = check_set(texts, 0)
    ((scenarios,),) = [[document.scenarios for document in checked.scenarios.values()]]
    return play(scenarios["one"], checked.compiled, D).failed


def why(*steps: str, account: str = "{plan: free}") -> str:
    """Why the story fails."""
    failed = played(*steps, account=account)
    assert failed is not None
    return failed.why


def test_a_story_that_comes_as_expected_does_not_fail() -> None:
    assert played("file.stored: {size_gb: 8}", "expect: {made: more, step: 80%}", "expect: nothing") is None


def test_a_story_ends_with_its_first_fault() -> None:
    failed = played("file.stored: {size_gb: 8}", "expect: nothing", "expect: photos_offer")
    assert failed is not None
    assert (failed.place.path, failed.place.line) == ("story.scenarios.yaml", 7)
    assert failed.why == "expected nothing, and more was made at 80%"


def test_an_option_is_looked_at_in_full() -> None:
    begin = "report.exported: {}"
    assert played(begin, "expect: {made: photos_offer, options: [{id: photos, price: {month: 4}, gains: {}}]}") is None
    told = why(begin, "expect: {made: photos_offer, options: [{id: photos, price: {month: 5}}]}")
    assert told.endswith("its options are [photos (price month 4)]")


def test_what_happens_several_times_happens_at_once_unless_time_passes_in_between() -> None:
    twice = "file.stored: {size_gb: 8}\n        times: 2"
    assert why(twice, "expect: {expired: more}").startswith("expected more to have expired")
    assert why(f"{twice}\n        every: 6d", "expect: {expired: more}").startswith("expected more to have expired")
    assert played(f"{twice}\n        every: 7d", "expect: {expired: more}") is None


def test_what_came_is_looked_at_once() -> None:
    assert why("report.exported: {}", "expect: photos_offer", "expect: photos_offer").endswith("so nothing was decided")


def test_what_is_given_was_so_before_the_story_starts() -> None:
    account = "{plan: plus, products: [photos], created: 60d ago}"
    assert played("report.exported: {}", "expect: nothing because owned", account=account) is None


def test_what_comes_of_what_is_given_is_not_hidden() -> None:
    assert played("expect: {made: more, step: 90%}", account="{plan: free, meters: {storage_gb: 9}}") is None


def test_meters_say_what_they_stood_at_when_a_story_fails() -> None:
    failed = played("file.stored: {size_gb: 7}", "expect: more")
    assert failed is not None
    (standing,) = failed.standings
    assert (standing.meter, standing.value, standing.limit) == ("storage_gb", Decimal(7), Decimal(10))


def test_an_offer_runs_out_when_its_time_is_over_and_not_before() -> None:
    begin = ("file.stored: {size_gb: 8}", "expect: more")
    assert played(*begin, "wait: 6d", "expect: nothing", "wait: 1d", "expect: {expired: more}") is None
    assert why(*begin, "wait: 6d", "expect: {expired: more}").startswith("expected more to have expired")


def test_the_deadline_of_a_user_passes_while_time_does() -> None:
    begin = ("member.invited: {}\n        user: ann", "wait: 2d")
    assert played(*begin, "file.shared: {}\n        user: ann", "expect: nothing") is None
    assert played(begin[0], "file.shared: {}\n        user: ann", "expect: {made: cable_offer, user: ann}") is None


def test_a_story_can_wait_for_a_day() -> None:
    begin = ("file.stored: {size_gb: 8}", "expect: more")
    assert played(*begin, "until: 2026-03-09 08:59", "expect: nothing") is None
    assert played(*begin, "until: 2026-03-09 09:00", "expect: {expired: more}") is None


def test_of_two_facts_of_one_time_the_later_step_holds() -> None:
    steps = [f"plan_changed: {{plan: {plan}}}" for plan in ("plus", "team", "enterprise") * 4]
    assert played(*steps, "file.stored: {size_gb: 9}", "expect: nothing") is None


def test_an_event_can_happen_many_times_and_late() -> None:
    assert played("file.stored: {size_gb: 1}\n        times: 8", "expect: {made: more, step: 80%}") is None
    late = "report.exported: {}\n        late: 23h"
    assert played(late, "expect: photos_offer") is None


def test_an_event_that_happens_many_times_can_tell_each_time_apart() -> None:
    invited = 'member.invited: {}\n        user: "ann{n}"\n        times: 3'
    assert played(invited, "file.shared: {}\n        user: ann3", "expect: {made: cable_offer, user: ann3}") is None
    assert played(invited, "file.shared: {}\n        user: ann4", "expect: nothing") is None


def test_what_is_offered_is_offered_to_the_account_of_the_story() -> None:
    failed = played("file.stored: {size_gb: 8}", "expect: nothing", account="{id: acme, plan: free}")
    assert failed is not None
    assert {event.subject for event in failed.came} == {"acme"}


def test_usage_that_is_too_late_for_the_engine_fails_the_story() -> None:
    told = why("report.exported: {}\n        late: 25h", "expect: nothing")
    assert told == "the engine refuses this as late: time: further back than the allowed lateness"


def test_a_fact_that_its_contract_refuses_fails_the_story() -> None:
    assert "data.value" in why("limit_set: {meter: storage_gb, value: -1}", "expect: nothing")


def test_a_fact_that_can_not_be_true_fails_the_story() -> None:
    assert "not after data.starts" in why("period_started: {starts: now, ends: 1d ago}", "expect: nothing")


@pytest.mark.parametrize("response", ["presented", "clicked", "accepted", "dismissed", "snoozed"])
def test_only_an_open_offer_can_be_answered(response: str) -> None:
    assert played("file.stored: {size_gb: 8}", f"{response}: more", "expect: more") is None
    assert why(f"{response}: more", "expect: nothing") == f"nobody can have {response} more: no offer is open"


def test_what_is_open_instead_is_named() -> None:
    told = why("report.exported: {}", "dismissed: more", "expect: nothing")
    assert told == "nobody can have dismissed more: open is photos_offer"


def test_an_erased_account_is_another_once_time_has_passed() -> None:
    fill = "file.stored: {size_gb: 8}"
    assert played(fill, "expect: more", "account_erased: {}", fill, "expect: nothing") is None
    assert played(fill, "expect: more", "account_erased: {}", "wait: 1s", fill, "expect: more") is None
