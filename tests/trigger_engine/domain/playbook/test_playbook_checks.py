"""Whether a playbook makes sense: each thing that does not is told once, where it is."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

import pytest

from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.playbook.problems import Problem, SetRefused
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import FULL, MORE, PRODUCT, playbook
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK, checked, told
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

# fmt: off
SENSELESS = [
    pytest.param("at_risk: known(account.health) && account.health < 0.5", "at_risk: account.plan == 'gold'", "24:12  error[empty-segment]  no account can be in segment 'at_risk': its condition is never true", id="a segment of a plan that is not there"),
    pytest.param("account.team > 1 && account.team < 10", "account.team > 10 && account.team < 10", "26:15  error[empty-segment]  no account can be in segment 'small_team': its condition is never true", id="a segment that nobody is in"),
    pytest.param("for: account.plan == 'free'", "for: account.plan == 'team'", "56:36  error[top-rung]  offer 'team_plan' is never made: there is no rung above for those it is for (team)", id="an upgrade for those who are there already"),
    pytest.param("for: account.plan == 'free'", "for: size.large && size.small", "56:54  error[empty-segment]  offer 'team_plan' is never made: no account is like that", id="an offer for nobody"),
    pytest.param("upgrade_to: team", "upgrade_to: free", "56:36  error[top-rung]  offer 'team_plan' is never made: no plan is next below 'free' on any ladder", id="an upgrade to the lowest rung"),
    pytest.param("{on: [blocked], upgrade_to: next on personal}", "{on: [blocked], upgrade_to: next}", "55:34  error[ambiguous-ladder]  'free' stands on personal and work, so 'next' could be plus or team: say 'next on personal'", id="'next' where two ladders lead on"),
    pytest.param("{on: [blocked], upgrade_to: next on personal}", "{on: [blocked], upgrade_to: next on work}", "55:34  error[lifts-nothing]  offer 'projects_plan' is never made on moment 'blocked': it would not raise the limit of 'projects'", id="an upgrade that does not raise the limit reached"),
    pytest.param("for: not small_team", "for: account.plan == 'plus'", "36:5  error[top-rung]  offer 'more_storage' is never made: there is no rung above for those it is for (plus)", id="an upgrade for the top of the ladder"),
    pytest.param("term: three_years", "term: month", "65:33  error[no-longer-term]  offer 'three_years' is never made: no plan has a price for 'month' beside a shorter term", id="a term that is no longer than any"),
    pytest.param("choose_from: [photos, creative, enterprise], mark: creative", "choose_from: [photos, free], mark: free", "70:56  error[mark]  nobody that offer 'suite' is for could go to 'free': mark another", id="a mark on the lowest rung"),
    pytest.param(", not_before: {meters.exports: 1}, after_a_no: next_period", "", "64:12  error[no-signal]  moment 'one_year' tells of no usage, so offer 'a_year' could not say what earned it: let 'for' or 'not_before' ask for a meter", id="a tenure without any usage to show"),
    pytest.param("not_before: {meters.tasks: 1}", "not_before: {account.age: 1d}", "69:10  error[no-signal]  moment 'csm_agreed' tells of no usage, so offer 'call' could not say what earned it: let 'for' or 'not_before' ask for a meter", id="an outcome without any usage to show"),
    pytest.param("order: any, within: 14d", "order: any", "10:3  error[endless-onboarding]  moment 'onboarded' keeps offers away while it lasts (quiet_when), so it needs 'within'", id="an onboarding that never ends"),
    pytest.param("{on: [said_no], add: room, not_before", "{on: [said_no], add: room, family: capacity, not_before", "54:41  error[nagging]  'more_storage' was refused, and offer 'less_room' is of the same family: a no closes all of it", id="a follow-up of the same family"),
    pytest.param("{on: [said_no], add: room, not_before", "{on: [said_no], upgrade_to: enterprise, not_before", "54:15  error[nagging]  'more_storage' was refused, and offer 'less_room' is not cheaper: 416.67 after 10.00 USD a month", id="a follow-up that is not cheaper"),
    pytest.param("said_no:       {outcome: dismissed, of: more_storage}", "said_no:       {outcome: dismissed, of: less_room}", "54:15  error[nagging]  offer 'less_room' would be made again after its own no", id="a follow-up to itself"),
    pytest.param("photos_offer: {on: [first_report, goal_reached, onboarded], add: photos}", "photos_offer: {on: [first_report, goal_reached, onboarded], add: photos}\n  q_photos: {on: [first_report], add: photos, family: photos_offer}", "60:3  error[shadowed]  offer 'q_photos' is never made: 'photos_offer' offers the same wherever it could, and goes before it", id="an offer that always loses to another"),
]
# fmt: on
REPORTED = "reported: {milestone: exports, reaches: 1}"
FULLY = "full: {limit: storage_gb}"


@pytest.mark.parametrize(("written", "broken", "expected"), SENSELESS)
def test_what_makes_no_sense_is_told_once_and_where_it_is(written: str, broken: str, expected: str) -> None:
    assert written in PLAYBOOK
    assert told(checked(PLAYBOOK.replace(written, broken, 1))) == [expected]


def product_with(*changes: tuple[str, str]) -> str:
    """The whole product with some things said otherwise."""
    product = WHOLE
    for written, other in changes:
        assert written in product
        product = product.replace(written, other, 1)
    return product


def rules(offer: str, moment: str = REPORTED, product: str = WHOLE, segments: str = "") -> list[str]:
    """The rules that a playbook with one offer breaks."""
    text = playbook([moment], [offer]) + (f"\nsegments:\n  {segments}" if segments else "")
    return [problem.rule for problem in sorted(checked(text, product).found)]


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


# --- evidence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "needs", "broken"),
    [
        pytest.param("tenure: account.created, reaches: 1 year", "", ["no-signal"], id="a tenure alone"),
        pytest.param(
            "tenure: account.created, reaches: 1 year",
            ", not_before: {meters.exports: 1}",
            [],
            id="a threshold on a meter",
        ),
        pytest.param(
            "tenure: account.created, reaches: 1 year",
            ", not_before: {account.age: 3d}",
            ["no-signal"],
            id="a threshold on the age",
        ),
        pytest.param(
            "tenure: account.created, reaches: 1 year", ", for: meters.exports > 3", [], id="a condition on a meter"
        ),
        pytest.param(
            "tenure: account.created, reaches: 1 year",
            ", for: total(meters.invites) > 3",
            [],
            id="a condition on a total",
        ),
        pytest.param("tenure: account.created, reaches: 1 year", ", for: busy", [], id="a segment on a meter"),
        pytest.param(
            "tenure: account.created, reaches: 1 year", ", for: vast", ["no-signal"], id="a segment on a fact"
        ),
        pytest.param("tenure: account.created, reaches: 1 year", ", for: engagement.high", [], id="a level on a meter"),
        pytest.param(
            "tenure: account.created, reaches: 1 year", ", for: size.large", ["no-signal"], id="a level on a fact"
        ),
        pytest.param("becomes: account.team > 3", "", ["no-signal"], id="a change of a fact"),
        pytest.param("becomes: meters.tasks > 3", "", [], id="a change of a meter"),
        pytest.param("becomes: busy", "", [], id="a change of a segment on a meter"),
        pytest.param("sequence: [file.stored, file.shared], within: 7d", "", [], id="events"),
    ],
)
def test_every_offer_names_the_usage_that_earned_it(moment: str, needs: str, broken: list[str]) -> None:
    """S15, S60: a usage signal is a moment on a meter or an event, or a meter that the offer's own conditions need."""
    segments = "busy: meters.tasks > 5\n  vast: account.team > 100"
    assert rules(f"it: {{on: [then], add: photos{needs}}}", f"then: {{{moment}}}", segments=segments) == broken


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


# --- follow-ups to a no ---------------------------------------------------------------------------------


NO = "no: {outcome: dismissed, of: first}"


@pytest.mark.parametrize(
    ("first", "then", "broken"),
    [
        pytest.param("add: sign", "add: photos", [], id="cheaper"),
        pytest.param("add: photos", "add: photos", ["nagging"], id="the same"),
        pytest.param("upgrade_to: plus", "bundle: creative", [], id="cheaper by the month than by the month"),
        pytest.param("add: sign", "bundle: creative", ["nagging"], id="dearer by the month and by the year"),
        pytest.param("add: cable", "add: sign", [], id="a price a month after one that is paid once is not compared"),
        pytest.param("add: photos", "add: cable", [], id="a price that is paid once is not compared"),
        pytest.param("add: room", "add: sign", ["nagging"], id="dearer"),
        pytest.param("bundle: creative", "add: photos", [], id="a part of it"),
        pytest.param("add: room", "bundle: creative", ["nagging"], id="all at once instead"),
        pytest.param("add: photos", "upgrade_to: plus", ["nagging"], id="a plan instead of a product"),
        pytest.param("upgrade_to: team", "upgrade_to: plus", [], id="what depends on the seats is left to the engine"),
        pytest.param("add: photos", "nurture: basics", [], id="help costs nothing"),
        pytest.param("add: photos", "task: csm", [], id="a person looks at it"),
    ],
)
def test_a_follow_up_to_a_no_is_cheaper(first: str, then: str, broken: list[str]) -> None:
    follow = f"second: {{on: [no], {then}, not_before: {{meters.exports: 1}}}}"
    text = playbook([REPORTED, NO], [f"first: {{on: [reported], {first}}}", follow])
    assert [problem.rule for problem in checked(text).found] == broken


def test_a_follow_up_of_the_same_price_is_nagging() -> None:
    product = product_with(("room, price: {month: 3}", "room, price: {month: 8}"))
    offers = ["first: {on: [reported], add: sign}", "second: {on: [no], add: room, not_before: {meters.exports: 1}}"]
    (problem,) = checked(playbook([REPORTED, NO], offers), product).found
    assert problem.message == "'first' was refused, and offer 'second' is not cheaper: 8.00 after 8.00 USD a month"


def test_a_follow_up_to_a_follow_up_is_nagging() -> None:
    again = "no_again: {outcome: dismissed, of: second}"
    needs = "not_before: {meters.exports: 1}"
    offers = [
        "first: {on: [reported], add: sign}",
        f"second: {{on: [no], add: photos, {needs}}}",
        f"third: {{on: [no_again], nurture: it, {needs}}}",
    ]
    (problem,) = checked(playbook([REPORTED, NO, again], offers)).found
    assert problem.message == "'second' follows a no itself: after two of them there is nothing more to ask"


def test_an_offer_after_a_yes_is_no_follow_up_to_a_no() -> None:
    yes = "yes: {outcome: accepted, of: first}"
    offers = [
        "first: {on: [reported], add: room}",
        "second: {on: [yes], add: sign, family: first, not_before: {meters.exports: 1}}",
    ]
    assert checked(playbook([REPORTED, yes], offers)).found == []


# --- onboarding, history, welcome -----------------------------------------------------------------------


def test_an_onboarding_that_keeps_nothing_away_may_go_on_for_ever() -> None:
    start = "start: {onboarding: [file.stored]}"
    offer = "it: {on: [start], add: photos}"
    assert rules(offer, start) == ["endless-onboarding"]
    assert rules(offer, start, product_with(("quiet_when: [onboarding, ", "quiet_when: ["))) == []


def warnings(text: str, product: str = WHOLE) -> list[Problem]:
    return [problem for problem in checked(text, product).warnings if problem.rule != "needs-baseline"]


@pytest.mark.parametrize(
    "words", ["Welcome to files", "Get started with photos", "Sign up today", "Create your account"]
)
def test_welcome_wording_for_accounts_that_pay_is_a_warning(words: str) -> None:
    """S66: no words for newcomers to those who are customers."""
    text = playbook([REPORTED], [f'it: {{on: [reported], add: photos, content: {{title: A, body: "{words}"}}}}'])
    (problem,) = warnings(text)
    assert (problem.rule, problem.severity.value, problem.place.line) == ("welcome", "warning", 5)
    assert "is said to those who are new, and this offer can reach accounts that pay" in problem.message


def test_welcome_wording_for_those_who_pay_nothing_is_no_warning() -> None:
    for whom in ("add: photos, for: account.plan == 'free'", "upgrade_to: plus"):
        text = playbook([REPORTED], [f"it: {{on: [reported], {whom}, content: {{title: Get started}}}}"])
        assert warnings(text) == []


def test_meters_that_need_a_baseline_are_listed_where_they_are_watched() -> None:
    text = playbook([REPORTED, "habit: {habit: sharing, reaches: 3}"], ["it: {on: [reported, habit], add: photos}"])
    assert [str(problem) for problem in checked(text).warnings] == [
        "p.yaml:3:3  warning[needs-baseline]  moment 'reported' waits until rung.meter_set says what 'exports' stands at"
    ]
    assert checked(text, product_with(("history: unknown", "history: starts_empty"))).warnings == []


# --- the door -----------------------------------------------------------------------------------------


def test_a_set_is_checked_once_it_is_read_without_a_fault() -> None:
    senseless = playbook([FULL], ["more: {on: [storage_full], upgrade_to: free}"])
    with pytest.raises(SetRefused) as caught:
        check_set([("product.yaml", PRODUCT), ("p.yaml", senseless)], 0)
    assert [problem.rule for problem in caught.value.problems] == ["top-rung"]
    with pytest.raises(SetRefused) as caught:
        check_set([("product.yaml", PRODUCT), ("p.yaml", senseless.replace("limit: storage", "limit: storge"))], 0)
    assert [problem.rule for problem in caught.value.problems] == ["unknown-meter"]


def test_a_fault_in_one_playbook_does_not_hide_what_makes_no_sense_in_another() -> None:
    good = playbook([FULL], [MORE])
    senseless = (
        good.replace("story", "other")
        .replace("storage_full", "full")
        .replace("more:", "up:")
        .replace("next on personal", "free")
    )
    faulty = good.replace("limit: storage", "limit: storge")
    with pytest.raises(SetRefused) as caught:
        check_set([("product.yaml", PRODUCT), ("a.yaml", faulty), ("b.yaml", senseless)], 0)
    assert [problem.rule for problem in caught.value.problems] == ["unknown-meter", "top-rung"]


def test_an_engine_takes_a_set_that_a_later_check_would_refuse() -> None:
    senseless = playbook([FULL], ["more: {on: [storage_full], upgrade_to: free}"])
    assert compile_set([("product.yaml", PRODUCT), ("p.yaml", senseless)], 7).version == 7


def test_a_set_that_can_be_published_comes_with_its_warnings() -> None:
    greeting = playbook([FULL], ["more: {on: [storage_full], add: photos, content: {title: Welcome aboard}}"])
    made = check_set([("product.yaml", PRODUCT), ("p.yaml", greeting)], 3)
    assert made.compiled.version == 3
    assert [problem.rule for problem in made.warnings] == ["welcome"]


SCENARIOS = "scenarios: story\ntests:\n  full:\n    steps:\n      - file.stored: {size_gb: 9}\n      - expect: more\n"


def with_scenarios(text: str) -> list[tuple[str, str]]:
    return [("product.yaml", PRODUCT), ("p.yaml", playbook([FULL], [MORE])), ("p.scenarios.yaml", text)]


def test_scenarios_beside_a_playbook_are_checked_with_it() -> None:
    made = check_set(with_scenarios(SCENARIOS), 0)
    assert list(made.scenarios) == ["p.scenarios.yaml"]
    assert list(made.scenarios["p.scenarios.yaml"].scenarios) == ["full"]


@pytest.mark.parametrize(
    ("written", "broken", "expected"),
    [
        ("expect: more", "expect: mroe", "p.scenarios.yaml:6:17  error[unknown-offer]  'mroe' is not an offer, 'nothing' or 'nothing because REASON' (did you mean 'more'?)"),
        ("scenarios: story", 'scenarios: ""', "p.scenarios.yaml:1:13  error[shape]  the playbook's name must be text, and this is nothing"),
        ("scenarios: story", "scenarios: sotry", "p.scenarios.yaml:1:12  error[unknown-playbook]  'sotry' is not a playbook of this set (did you mean 'story'?)"),
    ],
)  # fmt: skip
def test_scenarios_that_do_not_fit_are_refused(written: str, broken: str, expected: str) -> None:
    with pytest.raises(SetRefused) as caught:
        check_set(with_scenarios(SCENARIOS.replace(written, broken)), 0)
    assert [str(problem) for problem in caught.value.problems] == [expected]
