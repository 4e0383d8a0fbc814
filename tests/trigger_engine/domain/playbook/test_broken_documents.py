"""Each fault is told once, where it is, in words that say what to do. `PRODUCT` and `PLAYBOOK` alone are a good set."""

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
PLANS = PRODUCT[PRODUCT.index("plans:") : PRODUCT.index("ladders:")]
GUARDRAILS = "guardrails: "

# fmt: off
FAULTS = [
    pytest.param(PRODUCT, "currency: USD", "curency: USD", "3:1  error[unknown-key]  the product document has no 'curency' (did you mean 'currency'?)", id="a misspelt key"),
    pytest.param(PRODUCT, "placements: [banner, modal, upgrade_page]", "placements: []", "34:13  error[missing]  at least one placement is needed, or no offer could be shown", id="no placements"),
    pytest.param(PRODUCT, "placements: [banner, modal, upgrade_page]\n", "", "2:1  error[missing]  the product document needs 'placements'", id="placements are missing"),
    pytest.param(PRODUCT, "placements: [banner, modal, upgrade_page]", "placements: banner", "34:13  error[shape]  placements must be a list, and this is 'banner'", id="placements are no list"),
    pytest.param(PRODUCT, "placements: [banner, modal, upgrade_page]", 'placements: ["a banner"]', "34:15  error[id]  placements may have letters, digits and _ . : - only, 64 at most", id="an id that no message could carry"),
    pytest.param(PRODUCT, PLANS, "", "2:1  error[missing]  the product document needs 'plans'", id="plans are missing"),
    pytest.param(PRODUCT, "{size_gb: number}", "{size_gb: float}", "6:26  error[property-type]  'float' is no type; there are text, number, whole, flag, and 'text?' if it may be absent", id="a property of no type"),
    pytest.param(PRODUCT, "task.ran: {}", "task.ran: {}\n  tasks: {}", "10:3  error[event-name]  'tasks' must read object.action, and not begin with rung.", id="an event that does not read object.action"),
    pytest.param(PRODUCT, "task.ran: {}", "task.ran: {}\n  rung.task: {}", "10:3  error[event-name]  'rung.task' must read object.action, and not begin with rung.", id="an event of ours"),
    pytest.param(PRODUCT, "of: file.stored}", "of: file.storde}", "15:34  error[unknown-event]  'file.storde' is not an event (did you mean 'file.stored'?)", id="a meter of an event that is not there"),
    pytest.param(PRODUCT, "{sum: size_gb, of", "{sum: size, of", "15:21  error[unknown-property]  'size' is not a property of 'file.stored' (did you mean 'size_gb'?)", id="a meter of a property that is not there"),
    pytest.param(PRODUCT, "{size_gb: number}", "{size_gb: text}", "15:21  error[property-type]  'size_gb' is text, and this needs a number", id="a meter of a text"),
    pytest.param(PRODUCT, "exports: {count: report.exported}", "exports: {of: report.exported}", "17:3  error[meter]  meter 'exports' needs exactly one of count, sum, max, last, distinct, days_with", id="a meter of nothing"),
    pytest.param(PRODUCT, "exports: {count: report.exported}", "exports: {count: report.exported, max: report.exported}", "17:3  error[meter]  meter 'exports' needs exactly one of count, sum, max, last, distinct, days_with", id="a meter of two kinds"),
    pytest.param(PRODUCT, "of: file.stored}", "of: file.stored, less: file.shared}", "15:47  error[meter]  meter 'storage_gb': 'less' goes with 'count' only", id="a sum with less"),
    pytest.param(PRODUCT, "over: billing_period", "over: biling_period", "19:34  error[span]  'biling_period' is not a length such as 7d, or a span of time (did you mean 'billing_period'?)", id="a span that is none"),
    pytest.param(PRODUCT, "default_plan: free", "default_plan: fre", "4:15  error[unknown-plan]  'fre' is not a plan (did you mean 'free'?)", id="an unknown default plan"),
    pytest.param(PRODUCT, "{id: relic, price", "{price", "26:5  error[missing]  a plan needs 'id'", id="a plan without an id"),
    pytest.param(PRODUCT, "{id: relic, price", "{id: free, price", "26:10  error[twice]  'free' stands twice", id="a plan twice"),
    pytest.param(PRODUCT, "{id: cable, price", "{id: team, price", "32:10  error[twice]  'team' stands twice", id="a product with the id of a plan"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: {once: -12}", "32:31  error[range]  a price can not be below 0", id="a price below nothing"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: 12", "32:24  error[price]  a price must say for which term, such as {month: 12}", id="a price without its term"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: {week: 12}", "32:25  error[unknown-key]  a price has no 'week' (there are month, year, once)", id="a price of a term that is not there"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: {once: 1e3}", "32:31  error[shape]  a price must be a number such as 12.5, and this is '1e3'", id="a price that is no number"),
    pytest.param(PRODUCT, "{storage_gb: 1}}", "{storage_bg: 1}}", "26:45  error[unknown-meter]  'storage_bg' is not a meter (did you mean 'storage_gb'?)", id="a limit of a meter that is not there"),
    pytest.param(PRODUCT, "{storage_gb: 1}}", "{signatures: 1}}", "26:45  error[limit-by-user]  plan limits apply to meters of accounts; 'signatures' is by user", id="a limit of a user's meter"),
    pytest.param(PRODUCT, "{storage_gb: 1}}", "{storage_gb: lots}}", "26:57  error[shape]  a limit must be a number such as 12.5, and this is 'lots'", id="a limit that is no number"),
    pytest.param(PRODUCT, "personal: [free, plus]", "personal: [free, pluss]", "28:20  error[unknown-rung]  'pluss' is not a plan or product (did you mean 'plus'?)", id="a rung that is not there"),
    pytest.param(PRODUCT, "personal: [free, plus]", "personal: [free, plus, free]", "28:26  error[twice]  'free' stands twice", id="a rung twice"),
    pytest.param(PRODUCT, "currency: USD", "terms: {}", "3:8  error[missing]  at least one term is needed, or nothing has a price", id="terms without one"),
    pytest.param(PRODUCT, GUARDRAILS, "{quiet_when: [onbording]}", "35:27  error[unknown-state]  'onbording' is not a state to be quiet in (did you mean 'onboarding'?)", id="a state that is none"),
    pytest.param(PRODUCT, GUARDRAILS, "{quiet_when: [cancelling, {cancelling: 1h}]}", "35:40  error[twice]  'cancelling' stands twice", id="a state twice"),
    pytest.param(PRODUCT, GUARDRAILS, "{quiet_when: [{open_ticket: soon}]}", "35:41  error[shape]  a cool-down must be a duration such as 30m, 24h or 14d, and this is 'soon'", id="a cool-down that is no duration"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 1, per: 1d, each: offr}]}", "35:49  error[each]  'offr' is not what a cap counts by (did you mean 'offer'?)", id="a cap of nothing known"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 1}]}", "35:21  error[missing]  a cap needs 'per'", id="a cap without a span"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 1.5, per: 1d}]}", "35:31  error[range]  at_most must be a whole number of at least 0, and this is '1.5'", id="a cap of one and a half"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 129, per: 1d}]}", "35:31  error[range]  at_most must be 128 or less", id="a cap beyond what is remembered"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 1, per: 0d}]}", "35:39  error[range]  per must be longer than nothing", id="a cap over nothing"),
]
# fmt: on


def refused(product: str, playbook: str) -> SetRefused:
    with pytest.raises(SetRefused) as caught:
        compile_set([("product.yaml", product), ("playbook.yaml", playbook)], 0)
    return caught.value


def test_the_documents_are_good_before_a_fault_is_put_in() -> None:
    assert compile_set([("product.yaml", PRODUCT), ("playbook.yaml", PLAYBOOK)], 0).version == 0


@pytest.mark.parametrize(("document", "written", "broken", "told"), FAULTS)
def test_a_fault_is_told_once_and_where_it_is(document: str, written: str, broken: str, told: str) -> None:
    before = document + written if written == GUARDRAILS else document
    assert written in before
    after = before.replace(written, written + broken if written == GUARDRAILS else broken, 1)
    documents = (after, PLAYBOOK) if document == PRODUCT else (PRODUCT, after)
    path = "product.yaml" if document == PRODUCT else "playbook.yaml"
    assert [str(problem) for problem in refused(*documents).problems] == [f"{path}:{told}"]


def test_every_fault_is_told_at_once() -> None:
    product = PRODUCT.replace("default_plan: free", "default_plan: fre").replace("price: {once: 12}", "price: 12")
    told = refused(product, PLAYBOOK.replace("reaches: 1}", "reaches: 0}")).problems
    assert [problem.rule for problem in told] == ["range", "unknown-plan", "price"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param([], "(no file):1:1", id="no documents"),
        pytest.param([("a.yaml", PLAYBOOK)], "a.yaml:1:1", id="no product document"),
        pytest.param([("a.yaml", PRODUCT), ("b.yaml", PRODUCT)], "b.yaml:2:1", id="two product documents"),
    ],
)
def test_a_set_has_exactly_one_product_document(files: list[tuple[str, str]], told: str) -> None:
    with pytest.raises(SetRefused) as caught:
        compile_set(files, 0)
    (problem,) = caught.value.problems
    assert (str(problem.place), problem.rule) == (told, "one-product")


def test_ids_are_unique_across_playbooks() -> None:
    other = PLAYBOOK.replace("playbook: story", "playbook: other")
    with pytest.raises(SetRefused) as caught:
        compile_set([("product.yaml", PRODUCT), ("a.yaml", PLAYBOOK), ("b.yaml", other)], 0)
    assert [(str(problem.place), problem.message) for problem in caught.value.problems][:2] == [
        ("b.yaml:3:3", "'storage_full' stands at a.yaml:3:3 already; ids are unique in the set"),
        ("b.yaml:4:3", "'first_report' stands at a.yaml:4:3 already; ids are unique in the set"),
    ]
    assert {problem.rule for problem in caught.value.problems} == {"twice"}


def test_two_playbooks_have_two_names() -> None:
    other = "playbook: story\n"
    with pytest.raises(SetRefused) as caught:
        compile_set([("product.yaml", PRODUCT), ("a.yaml", PLAYBOOK), ("b.yaml", other)], 0)
    (problem,) = caught.value.problems
    assert (str(problem.place), problem.rule, problem.width) == ("b.yaml:1:11", "twice", len("story"))


def test_documents_that_can_not_be_read_are_told_together() -> None:
    with pytest.raises(SetRefused) as caught:
        compile_set([("a.yaml", "a: ["), ("b.yaml", PRODUCT), ("c.yaml", "")], 0)
    assert [(problem.place.path, problem.rule) for problem in caught.value.problems] == [
        ("a.yaml", "not-yaml"),
        ("c.yaml", "empty"),
    ]


@pytest.mark.parametrize(
    ("written", "broken", "told"),
    [
        pytest.param(
            "{storage_gb: 1}}", "{storage_gb: {per: 1}}}", {"unknown-key", "missing"}, id="a limit by nothing"
        ),
        pytest.param("adds: {storage_gb: 1000}", "adds: {storage_gb: -1}", {"range"}, id="capacity taken away"),
        pytest.param("limits: {storage_gb: 1}", "limits: 1", {"shape"}, id="limits that are a number"),
        pytest.param("{per_seat: 1000}", "{per_seat: -1}", {"range"}, id="a limit below nothing"),
        pytest.param(
            "{size_gb: number}", "{size_gb: [number]}", {"shape", "property-type"}, id="a type that is a list"
        ),
        pytest.param("history: starts_empty", "history: never", {"history"}, id="a history of another kind"),
    ],
)
def test_the_rules_of_the_catalogue(written: str, broken: str, told: set[str]) -> None:
    product = PRODUCT.replace("currency: USD\n", "currency: USD\nhistory: starts_empty\nterms: {month: 1, year: 12}\n")
    assert compile_set([("product.yaml", product), ("playbook.yaml", PLAYBOOK)], 0).product.currency == "USD"
    assert {problem.rule for problem in refused(product.replace(written, broken, 1), PLAYBOOK).problems} <= told
