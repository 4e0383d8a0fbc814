"""Each fault of a playbook is told once, where it is, in words that say what to do."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

import pytest

from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, playbook

PLAYBOOK = (
    playbook(
        [FULL, REPORT, "onboarded: {onboarding: [member.invited], within: 14d}"],
        [MORE, PHOTOS, "hello: {on: [onboarded], add: photos}"],
    )
    + "\n"
)

# fmt: off
FAULTS = [
    pytest.param("limit: storage_gb", "limit: storge_gb", "3:25  error[unknown-meter]  moment 'storage_full' watches 'storge_gb', which is not a meter (did you mean 'storage_gb'?)", id="a moment on a meter that is not there"),
    pytest.param("{milestone: exports, reaches: 1}", "{reaches: 1}", "4:3  error[moment]  moment 'first_report' needs exactly one of limit, attempt, milestone, onboarding, habit, growth, tenure, forecast, becomes, sequence, absence, outcome", id="a moment of no kind"),
    pytest.param("{milestone: exports, reaches: 1}", "exports", "4:17  error[shape]  moment 'first_report' must be a mapping, and this is 'exports'", id="a moment that is a word"),
    pytest.param("limit: storage_gb", "limit: exports", "3:25  error[no-limit]  no plan has a limit of 'exports'", id="a limit that no plan has"),
    pytest.param("at: [80%, 90%, 100%]", "at: [90%, 80%]", "3:37  error[steps]  steps must be above 0%, ascending, and each given once", id="steps that do not rise"),
    pytest.param("at: [80%, 90%, 100%]", "at: [80]", "3:42  error[shape]  a step must be a share such as 80%, and this is '80'", id="a step that is no share"),
    pytest.param("reaches: 1}", "reaches: 0}", "4:47  error[range]  a milestone must be above 0", id="a milestone that nothing reaches"),
    pytest.param("milestone: exports, reaches: 1}", "milestone: exports}", "4:17  error[missing]  moment 'first_report' needs 'reaches'", id="a milestone without its number"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: []}", "5:15  error[steps]  onboarding needs events, each given once", id="an onboarding of nothing"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: [member.invited], within: 14d, of: team}", "5:62  error[of]  'team' is not account, user or a product", id="an onboarding of nobody"),
    pytest.param("  hello: {on: [onboarded], add: photos}\n", "", "5:3  error[unused-moment]  no offer is made on moment 'onboarded'", id="a moment that nobody uses"),
    pytest.param("on: [first_report]", "on: [first_reprot]", "8:23  error[unknown-moment]  'first_reprot' is not a moment of this playbook (did you mean 'first_report'?)", id="an offer on a moment that is not there"),
    pytest.param("{on: [first_report], add", "{on: [], add", "8:22  error[no-signal]  offer 'photos_offer' must name the moments that earn it", id="an offer on nothing"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], boost: 2", "8:3  error[verb]  offer 'photos_offer' needs exactly one of upgrade_to, add, bundle, seats, term, highlight, nurture, task, choose_from", id="an offer without a verb"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: foto", "8:43  error[unknown-product]  'foto' is not a product (did you mean 'photos'?)", id="an offer of an unknown product"),
    pytest.param("next on personal", "next on persnal", "7:50  error[unknown-ladder]  'persnal' is not a ladder (did you mean 'personal'?)", id="an offer on an unknown ladder"),
    pytest.param("next on personal", "gold", "7:42  error[unknown-plan]  'gold' is not 'next', 'next on LADDER' or a plan", id="an offer of an unknown plan"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, placements: [baner]", "8:64  error[unknown-placement]  'baner' is not a placement (did you mean 'banner'?)", id="an offer in an unknown place"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, placements: []", "8:51  error[missing]  at least one placement is needed, or the offer could not be shown", id="an offer in no place"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, boost: 0", "8:58  error[range]  boost must be above 0", id="an offer that weighs nothing"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, after_a_no: sometimes", "8:63  error[after-a-no]  after_a_no must be 30d, never, next_period or 'wait for higher step', not 'sometimes'", id="a no that means nothing"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, after_a_no: wait for higher step", "8:63  error[no-steps]  'wait for higher step' needs moments that have steps", id="a no that waits for steps where there are none"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, content: Hello", "8:60  error[shape]  content must be a mapping, and this is 'Hello'", id="content that is a word"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, content: {body: Hello}", "8:60  error[missing]  content needs 'title'", id="content without a title"),
    pytest.param("on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: "{meters.export}"}', "8:69  error[unknown-variable]  {meters.export} is not known here (did you mean 'meters.exports'?)", id="a variable that is not there"),
    pytest.param("on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: "{price}"}', "8:69  error[otherwise]  {price} may be unknown, so 'otherwise' must say what is shown then", id="a variable that may be unknown"),
    pytest.param("on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: A, otherwise: "{price}"}', "8:83  error[otherwise]  'otherwise' is for when a variable is unknown: it can have none", id="a variable in the words for when one is unknown"),
    pytest.param("upgrade_to: next on personal", "upgrade_to: next on personal, content: {title: A, at_70%: {title: B}}", "7:83  error[unknown-step]  no moment of this offer has a step 70%", id="words for a step that is not there"),
    pytest.param("hello: {on", "onboarded: {on", "9:3  error[twice]  'onboarded' stands at playbook.yaml:5:3 already; ids are unique in the set", id="an offer with the name of a moment"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: [member.invited], within: 14d, of: photos}", "5:62  error[not-yet]  this version does not carry out the onboarding of a product yet", id="an onboarding with a product"),
    pytest.param("next on personal", "fitting", "7:42  error[not-yet]  this version does not carry out 'upgrade_to: fitting' or 'unlocks' yet", id="the plan that fits"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: [member.invited], within: 14d, order: listed}", "5:65  error[order]  'listed' is not 'any' or 'as_written'", id="an order that is none"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: [member.invited], within: 14d, order: as_written}", "5:65  error[not-yet]  this version does not carry out an order of steps other than 'any' yet", id="an order of steps"),
]
# fmt: on


def refused(text: str) -> list[str]:
    with pytest.raises(SetRefused) as caught:
        compile_set([("product.yaml", PRODUCT), ("playbook.yaml", text)], 0)
    return [str(problem).removeprefix("playbook.yaml:") for problem in caught.value.problems]


def test_the_documents_are_good_before_a_fault_is_put_in() -> None:
    assert compile_set([("product.yaml", PRODUCT), ("playbook.yaml", PLAYBOOK)], 0).version == 0


@pytest.mark.parametrize(("written", "broken", "told"), FAULTS)
def test_a_fault_is_told_once_and_where_it_is(written: str, broken: str, told: str) -> None:
    assert written in PLAYBOOK
    assert refused(PLAYBOOK.replace(written, broken, 1)) == [told]


def test_an_offer_without_evidence_can_not_be_published() -> None:
    """S60: no artificial need. An offer names the moments that earn it, or the set is refused."""
    without = PLAYBOOK.replace("{on: [first_report], add: photos}", "{add: photos}").replace(f"  {REPORT}\n", "")
    assert refused(without) == ["7:17  error[missing]  offer 'photos_offer' needs 'on'"]


@pytest.mark.parametrize(
    ("written", "broken", "told"),
    [
        pytest.param(
            "first_report: {m",
            "1st_report: {m",
            "4:3  error[name]  a moment '1st_report' must begin with a letter and have only letters, digits and _ (64 at most)",
            id="a name that begins with a digit",
        ),
        pytest.param(
            "add: photos}\n  hello", "add: [photos]}\n  hello",
            "8:43  error[shape]  a product must be text, and this is a list", id="a list where a word must be",
        ),
        pytest.param(
            "next on personal", "[next]", "7:42  error[shape]  upgrade_to must be text, and this is a list",
            id="a list where a rung must be",
        ),
        pytest.param(
            "limit: storage_gb", "limit: {a: b}", "3:25  error[shape]  a meter must be text, and this is a mapping",
            id="a mapping where a meter must be",
        ),
        pytest.param(
            "at: [80%, 90%, 100%]", "at: 80%", "3:41  error[shape]  at must be a list, and this is '80%'",
            id="one step, not in a list",
        ),
    ],
)  # fmt: skip
def test_what_has_the_wrong_shape_is_told_once(written: str, broken: str, told: str) -> None:
    after = PLAYBOOK.replace(written, broken, 1)
    assert after != PLAYBOOK
    if broken.startswith("1st"):
        after = after.replace("on: [first_report]", "on: [1st_report]")
    assert refused(after) == [told]
