"""Whether a playbook makes sense: each thing that does not is told once, where it is."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

import pytest

from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.playbook.problems import Problem, SetRefused
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import FULL, MORE, PRODUCT, playbook
from tests.trigger_engine.domain.playbook.one_offer import REPORTED, product_with, rules
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


@pytest.mark.parametrize(("written", "broken", "expected"), SENSELESS)
def test_what_makes_no_sense_is_told_once_and_where_it_is(written: str, broken: str, expected: str) -> None:
    assert written in PLAYBOOK
    assert told(checked(PLAYBOOK.replace(written, broken, 1))) == [expected]


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
