"""Which variables an offer's words can have, and where other words must stand by."""

import pytest

from tests.trigger_engine.domain.building import playbook
from tests.trigger_engine.domain.playbook.whole_playbook import faults
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

SINCE_THE_START = WHOLE.replace("history: unknown", "history: starts_empty")
MOMENTS = {
    "full": "full: {limit: storage_gb}",
    "blocked": "blocked: {attempt: project.created, of: projects}",
    "soon": "soon: {forecast: storage_gb, within: 10d}",
    "reported": "reported: {milestone: exports, reaches: 1}",
    "invited": "invited: {milestone: invites, reaches: 1}",
    "habit": "habit: {habit: sharing, reaches: 3}",
    "grown": "grown: {growth: tasks, by: 50%, of: month, from: 10}",
    "tried": "tried: {sequence: [file.stored, file.shared], within: 7d}",
}


def needs(variable: str, *on: str, does: str = "add: photos", product: str = SINCE_THE_START) -> list[str]:
    """The rules that an offer breaks which says this, and has no other words."""
    text = playbook(
        [MOMENTS[name] for name in on], [f'it: {{on: [{", ".join(on)}], {does}, content: {{title: "{{{variable}}}"}}}}']
    )
    return [told.split("[")[1].split("]")[0] for told in faults(text, product)]


@pytest.mark.parametrize(
    ("variable", "on", "broken"),
    [
        pytest.param("meters.storage_gb", ["tried"], [], id="what counts for ever is known of every account"),
        pytest.param("meters.sharing", ["tried"], ["otherwise"], id="what is rolling may not be known"),
        pytest.param("meters.sharing", ["habit"], [], id="a habit knows its own meter"),
        pytest.param("meters.sharing", ["habit", "tried"], ["otherwise"], id="one of two moments does not"),
        pytest.param("meters.tasks", ["tried"], ["otherwise"], id="a period may not have begun"),
        pytest.param("meters.invites", ["tried"], ["otherwise"], id="whose meter?"),
        pytest.param("meters.invites", ["invited"], [], id="a user's moment knows that user's meter"),
        pytest.param("meters.team_projects", ["tried"], ["otherwise"], id="which of its values?"),
        pytest.param("limit.storage_gb", ["full"], [], id="a limit knows itself"),
        pytest.param("limit.storage_gb", ["soon"], [], id="a forecast knows its limit"),
        pytest.param("limit.projects", ["blocked"], [], id="an attempt knows its limit"),
        pytest.param("limit.projects", ["full"], ["otherwise"], id="a limit does not know another"),
        pytest.param("limit.storage_gb", ["full", "reported"], ["otherwise"], id="a milestone knows no limit"),
        pytest.param("growth.percent", ["grown"], [], id="growth tells how much"),
        pytest.param("growth.percent", ["grown", "full"], ["otherwise"], id="growth tells, a limit does not"),
        pytest.param("growth.percent", ["full"], ["unknown-variable"], id="a limit tells of no growth"),
        pytest.param("forecast.date", ["soon"], [], id="a forecast tells when"),
        pytest.param("price", ["full"], ["otherwise"], id="a price may not be known"),
        pytest.param("target", ["full"], [], id="what it is about is always known"),
        pytest.param("saving", ["full"], ["unknown-variable"], id="one product saves nothing"),
        pytest.param("account.industry", ["full"], ["unknown-variable"], id="what others wrote is not shown"),
    ],
)
def test_a_variable_that_may_be_unknown_needs_other_words(variable: str, on: list[str], broken: list[str]) -> None:
    assert needs(variable, *on) == broken


def test_with_a_history_that_nobody_knows_only_the_moment_knows_what_counts_for_ever() -> None:
    assert needs("meters.exports", "tried", product=WHOLE) == ["otherwise"]
    assert needs("meters.exports", "reported", product=WHOLE) == []
    assert needs("meters.projects", "blocked", product=WHOLE) == []


@pytest.mark.parametrize(
    ("does", "variable", "broken"),
    [
        ("upgrade_to: plus", "target", []),
        ("bundle: creative", "saving", ["otherwise"]),
        ("term: next", "saving", ["otherwise"]),
        ("highlight: history", "target", []),
        ("highlight: history", "price", ["unknown-variable"]),
        ("nurture: basics", "target", ["unknown-variable"]),
        ("seats: 3", "target", []),
        ("seats: 3", "price", ["otherwise"]),
        ("seats: 3", "saving", ["unknown-variable"]),
        ("choose_from: [photos, sign]", "price", ["unknown-variable"]),
    ],
)
def test_a_verb_has_the_variables_of_what_it_is_about(does: str, variable: str, broken: list[str]) -> None:
    assert needs(variable, "full", does=does) == broken
