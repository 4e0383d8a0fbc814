"""What must not be guessed, paragraph by paragraph, as far as it shows in a playbook.

Each row is one sentence of the language: a playbook that keeps to it, or one that does not and what that is told.
"""

# ruff: noqa: E501 - one sentence a line

import pytest

from tests.trigger_engine.domain.building import playbook
from tests.trigger_engine.domain.playbook.whole_playbook import checked, reading
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

REPORTED = "reported: {milestone: exports, reaches: 1}"
FULL = "full: {limit: storage_gb}"
INVITED = "invited: {milestone: invites, reaches: 1}"
NO = "no: {outcome: dismissed, of: it}"
AFTER = "not_before: {meters.exports: 1}"


def it(does: str, on: str = "reported") -> str:
    return f"it: {{on: [{on}], {does}}}"


# fmt: off
SENTENCES = [
    # Names in conditions
    pytest.param([REPORTED], [it("add: photos, for: account.taem > 3")], ["unknown-name"], id="names in conditions: a misspelt name is told"),
    pytest.param([REPORTED], [it("add: photos, for: not engagement.high")], [], id="names in conditions: not is for a level, too"),
    pytest.param([REPORTED], [it("add: photos, for: known(account.health) && account.health >= 1")], [], id="names in conditions: known asks, and a whole number goes with a number"),
    pytest.param([REPORTED], [it("add: photos, for: event.format == 'pdf'")], ["unknown-name"], id="names in conditions: an event is read by where only"),
    # YAML
    pytest.param(["on: {milestone: exports, reaches: 1}"], ["off: {on: [on], add: photos, family: yes}"], [], id="YAML: on, off and yes stay words"),
    pytest.param([REPORTED], [it("add: photos, boost: 1.10")], [], id="YAML: numbers are text until they are read"),
    # Meters
    pytest.param(["m: {milestone: sharing, reaches: 1}"], [it("add: photos", "m")], ["rolling-milestone"], id="meters: what is rolling has no first time ever"),
    pytest.param(["m: {habit: exports, reaches: 1}"], [it("add: photos", "m")], ["habit-for-ever"], id="meters: what counts for ever is no habit"),
    pytest.param(["m: {habit: tasks_today, reaches: 1}"], [it("add: photos", "m")], [], id="meters: a day of the calendar passes"),
    # By user
    pytest.param([INVITED], [it("add: photos, for: meters.invites > 2", "invited")], [], id="by user: meters.x is the moment's user's"),
    pytest.param([REPORTED], [it("add: photos, for: meters.invites > 2")], ["unknown-name"], id="by user: without a user there is none to ask"),
    pytest.param([REPORTED, INVITED], [it("add: photos, for: meters.invites > 2", "reported, invited")], ["unknown-name"], id="by user: nor with one at some of the moments"),
    pytest.param([REPORTED], [it("add: photos, for: total(meters.invites) > 2")], [], id="by user: total reads the account"),
    pytest.param(["m: {limit: invites}"], [it("add: photos", "m")], ["limit-by-user"], id="by user: plan limits apply to account meters"),
    # Moments re-arm
    pytest.param(["m: {limit: storage_gb, again_after: [below 79.9%]}"], [it("add: photos", "m")], [], id="moments re-arm: again_after adds to the rule"),
    pytest.param(["m: {limit: storage_gb, at: [50%], again_after: [below 50%]}"], [it("add: photos", "m")], ["again-after"], id="moments re-arm: never at the step itself"),
    # Growth and forecast
    pytest.param(["m: {growth: largest, by: 10%, of: week, from: 1}"], [it("add: photos", "m")], ["not-added-up"], id="growth and forecast: a greatest does not add up"),
    pytest.param(["m: {growth: exports, by: 10%, of: week, from: 1}"], [it("add: photos", "m")], [], id="growth and forecast: a count does, whatever its span"),
    pytest.param(["m: {forecast: tasks, within: 3d}"], [it("add: photos", "m")], ["no-limit"], id="growth and forecast: towards a limit"),
    # Onboarding
    pytest.param(["m: {onboarding: [file.stored]}"], [it("add: photos", "m")], ["endless-onboarding"], id="onboarding: within is required when it quiets"),
    pytest.param(["m: {onboarding: [file.stored], of: photos, within: 3d}"], [it("add: sign", "m")], [], id="onboarding: of an account, a user or a product"),
    # Ladders
    pytest.param([REPORTED], [it("upgrade_to: next")], ["ambiguous-ladder"], id="ladders: next alone needs one unambiguous ladder"),
    pytest.param(["m: {limit: projects}"], [it("upgrade_to: next on work", "m")], ["lifts-nothing"], id="ladders: an upgrade on a limit must raise that limit"),
    pytest.param([REPORTED], [it("choose_from: [free, plus], mark: free")], ["mark"], id="ladders: the marked one must be a target"),
    pytest.param([REPORTED], [it("choose_from: [enterprise]")], ["choices"], id="ladders: fewer than two left is no choice"),
    # Money
    pytest.param([REPORTED], [it("term: next, content: {title: '{saving}', otherwise: A}")], [], id="money: a saving is computed"),
    pytest.param([REPORTED], [it("term: next, content: {title: Save 20%}")], ["typed-saving"], id="money: and never typed"),
    # No
    pytest.param([FULL], [it("add: room, after_a_no: wait for higher step", "full")], [], id="no: wait for higher step where every moment has steps"),
    pytest.param([FULL, REPORTED], [it("add: room, after_a_no: wait for higher step", "full, reported")], ["no-steps"], id="no: not where one has none"),
    pytest.param([REPORTED, NO], [it("add: sign"), f"then: {{on: [no], add: photos, {AFTER}}}"], [], id="no: a follow-up is cheaper and of another family"),
    pytest.param([REPORTED, NO], [it("add: sign"), f"then: {{on: [no], add: photos, family: it, {AFTER}}}"], ["nagging"], id="no: else it nags"),
    # Score
    pytest.param([REPORTED], [it("add: photos, propensity: 1.1")], ["range"], id="score: a propensity is a share"),
    pytest.param([REPORTED], [it("add: photos, boost: 0")], ["range"], id="score: a boost is above 0"),
    # Evidence
    pytest.param(["m: {tenure: account.created, reaches: 1 year}"], [it("add: photos", "m")], ["no-signal"], id="evidence: every offer needs a usage signal"),
    pytest.param(["m: {tenure: account.created, reaches: 1 year}"], [it(f"add: photos, {AFTER}", "m")], [], id="evidence: a meter of its own not_before is one"),
    # Holdout and variants
    pytest.param([REPORTED], [it("add: photos, content: {title: A, variant_b: {title: B}}, variants: {a: 50%, b: 50%}")], [], id="holdout and variants: of content only"),
    pytest.param([REPORTED], [it("add: photos, variants: {a: 60%, b: 50%}")], ["same-variants", "variants"], id="holdout and variants: 100 % together, and different words"),
]
# fmt: on


@pytest.mark.parametrize(("moments", "offers", "broken"), SENTENCES)
def test_each_sentence_of_the_language_holds(moments: list[str], offers: list[str], broken: list[str]) -> None:
    text = playbook(moments, offers)
    _, problems = reading(text, WHOLE)
    found = problems.found or checked(text).found
    assert sorted(problem.rule for problem in found) == broken
