"""Each fault is told once, where it is, in words that say what to do. `PRODUCT` and `PLAYBOOK` alone are a good set."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

import pytest

from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, playbook

PLAYBOOK = (
    playbook(
        [FULL, REPORT, "onboarded: {onboarding: [member.invited]}"],
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
    pytest.param(PRODUCT, "exports: {count: report.exported}", "exports: {of: report.exported}", "17:3  error[meter]  meter 'exports' needs exactly one of count, sum, max", id="a meter of nothing"),
    pytest.param(PRODUCT, "exports: {count: report.exported}", "exports: {count: report.exported, max: report.exported}", "17:3  error[meter]  meter 'exports' needs exactly one of count, sum, max", id="a meter of two kinds"),
    pytest.param(PRODUCT, "of: file.stored}", "of: file.stored, less: file.shared}", "15:47  error[meter]  meter 'storage_gb': 'less' goes with 'count' only", id="a sum with less"),
    pytest.param(PRODUCT, "over: billing_period", "over: biling_period", "19:34  error[span]  'biling_period' is not a span of time (did you mean 'billing_period'?)", id="a span that is none"),
    pytest.param(PRODUCT, "default_plan: free", "default_plan: fre", "4:15  error[unknown-plan]  'fre' is not a plan (did you mean 'free'?)", id="an unknown default plan"),
    pytest.param(PRODUCT, "{id: relic, price", "{price", "26:5  error[missing]  a plan needs 'id'", id="a plan without an id"),
    pytest.param(PRODUCT, "{id: relic, price", "{id: free, price", "26:10  error[twice]  'free' stands twice", id="a plan twice"),
    pytest.param(PRODUCT, "{id: cable, price", "{id: team, price", "32:10  error[twice]  'team' stands twice", id="a product with the id of a plan"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: {once: -12}", "32:31  error[range]  a price can not be below 0", id="a price below nothing"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: 12", "32:24  error[price]  a price must say for which term, such as {month: 12}", id="a price without its term"),
    pytest.param(PRODUCT, "price: {once: 12}", "price: {week: 12}", "32:25  error[unknown-key]  a price has no 'week'", id="a price of a term that is not there"),
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
    pytest.param(PLAYBOOK, "limit: storage_gb", "limit: storge_gb", "3:25  error[unknown-meter]  moment 'storage_full' watches 'storge_gb', which is not a meter (did you mean 'storage_gb'?)", id="a moment on a meter that is not there"),
    pytest.param(PLAYBOOK, "{milestone: exports, reaches: 1}", "{reaches: 1}", "4:3  error[moment]  moment 'first_report' needs exactly one of limit, milestone, onboarding", id="a moment of no kind"),
    pytest.param(PLAYBOOK, "{milestone: exports, reaches: 1}", "exports", "4:17  error[shape]  moment 'first_report' must be a mapping, and this is 'exports'", id="a moment that is a word"),
    pytest.param(PLAYBOOK, "limit: storage_gb", "limit: exports", "3:25  error[no-limit]  no plan has a limit of 'exports'", id="a limit that no plan has"),
    pytest.param(PLAYBOOK, "at: [80%, 90%, 100%]", "at: [90%, 80%]", "3:37  error[steps]  steps must be above 0%, ascending, and each given once", id="steps that do not rise"),
    pytest.param(PLAYBOOK, "at: [80%, 90%, 100%]", "at: [80]", "3:42  error[shape]  a step must be a share such as 80%, and this is '80'", id="a step that is no share"),
    pytest.param(PLAYBOOK, "reaches: 1}", "reaches: 0}", "4:47  error[range]  a milestone must be above 0", id="a milestone that nothing reaches"),
    pytest.param(PLAYBOOK, "milestone: exports, reaches: 1}", "milestone: exports}", "4:17  error[missing]  moment 'first_report' needs 'reaches'", id="a milestone without its number"),
    pytest.param(PLAYBOOK, "{onboarding: [member.invited]}", "{onboarding: []}", "5:15  error[steps]  onboarding needs events, each given once", id="an onboarding of nothing"),
    pytest.param(PLAYBOOK, "{onboarding: [member.invited]}", "{onboarding: [member.invited], of: team}", "5:49  error[of]  'team' is not account or user", id="an onboarding of nobody"),
    pytest.param(PLAYBOOK, "  hello: {on: [onboarded], add: photos}\n", "", "5:3  error[unused-moment]  no offer is made on moment 'onboarded'", id="a moment that nobody uses"),
    pytest.param(PLAYBOOK, "on: [first_report]", "on: [first_reprot]", "8:23  error[unknown-moment]  'first_reprot' is not a moment of this playbook (did you mean 'first_report'?)", id="an offer on a moment that is not there"),
    pytest.param(PLAYBOOK, "{on: [first_report], add", "{on: [], add", "8:22  error[no-signal]  offer 'photos_offer' must name the moments that earn it", id="an offer on nothing"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], boost: 2", "8:3  error[verb]  offer 'photos_offer' needs exactly one of upgrade_to, add", id="an offer without a verb"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: foto", "8:43  error[unknown-product]  'foto' is not a product (did you mean 'photos'?)", id="an offer of an unknown product"),
    pytest.param(PLAYBOOK, "next on personal", "next on persnal", "7:50  error[unknown-ladder]  'persnal' is not a ladder (did you mean 'personal'?)", id="an offer on an unknown ladder"),
    pytest.param(PLAYBOOK, "next on personal", "gold", "7:42  error[unknown-plan]  'gold' is not 'next', 'next on LADDER' or a plan", id="an offer of an unknown plan"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, placements: [baner]", "8:64  error[unknown-placement]  'baner' is not a placement (did you mean 'banner'?)", id="an offer in an unknown place"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, placements: []", "8:51  error[missing]  at least one placement is needed, or the offer could not be shown", id="an offer in no place"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, boost: 0", "8:58  error[range]  boost must be above 0", id="an offer that weighs nothing"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, after_a_no: sometimes", "8:63  error[after-a-no]  after_a_no must be 30d, never, next_period or 'wait for higher step', not 'sometimes'", id="a no that means nothing"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, after_a_no: wait for higher step", "8:63  error[no-steps]  'wait for higher step' needs moments that have steps", id="a no that waits for steps where there are none"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, content: Hello", "8:60  error[shape]  content must be a mapping, and this is 'Hello'", id="content that is a word"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, content: {body: Hello}", "8:60  error[missing]  content needs 'title'", id="content without a title"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: "{meters.export}"}', "8:69  error[unknown-variable]  {meters.export} is not known here (did you mean 'meters.exports'?)", id="a variable that is not there"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: "{price}"}', "8:69  error[otherwise]  {price} may be unknown, so 'otherwise' must say what is shown then", id="a variable that may be unknown"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: A, otherwise: "{price}"}', "8:83  error[otherwise]  'otherwise' is for when a variable is unknown: it can have none", id="a variable in the words for when one is unknown"),
    pytest.param(PLAYBOOK, "upgrade_to: next on personal", "upgrade_to: next on personal, content: {title: A, at_70%: {title: B}}", "7:83  error[unknown-step]  no moment of this offer has a step 70%", id="words for a step that is not there"),
    pytest.param(PLAYBOOK, "hello: {on", "onboarded: {on", "9:3  error[twice]  'onboarded' stands at playbook.yaml:5:3 already; ids are unique in the set", id="an offer with the name of a moment"),
    pytest.param(PRODUCT, "currency: USD", "facts: {industry: text}", "3:1  error[not-yet]  'facts' is a word of the language that this version does not carry out yet", id="facts"),
    pytest.param(PRODUCT, "over: billing_period", "over: 7d", "19:34  error[not-yet]  this version does not carry out 'over: 7d' yet", id="a meter over a week"),
    pytest.param(PRODUCT, "by: user", "by: project", "20:44  error[not-yet]  this version does not carry out 'by: project' yet", id="a meter by a property"),
    pytest.param(PRODUCT, "{count: report.exported}", "{distinct: format, of: report.exported}", "17:13  error[not-yet]  'distinct' is a word of the language that this version does not carry out yet", id="a meter of what is distinct"),
    pytest.param(PRODUCT, "currency: USD", "history: unknown", "3:10  error[not-yet]  this version does not carry out 'history: unknown' yet", id="history"),
    pytest.param(PRODUCT, "personal: [free, plus]", "personal: [free, photos]", "28:20  error[not-yet]  this version does not carry out ladders of products yet", id="a ladder of products"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 1, per: week}]}", "35:39  error[not-yet]  this version does not carry out 'per: week' yet", id="a cap over a calendar week"),
    pytest.param(PRODUCT, GUARDRAILS, "{caps: [{at_most: 1, per: 1w, each: user}]}", "35:49  error[not-yet]  this version does not carry out 'each: user' yet", id="a cap by user"),
    pytest.param(PRODUCT, GUARDRAILS, "{quiet_when: [{onboarding: 1d}]}", "35:28  error[not-yet]  this version does not carry out a cool-down after onboarding yet", id="a cool-down after onboarding"),
    pytest.param(PRODUCT, GUARDRAILS, "{back_off: {after: 3, wait: 14d}}", "35:14  error[not-yet]  'back_off' is a word of the language that this version does not carry out yet", id="back-off"),
    pytest.param(PLAYBOOK, "{milestone: exports, reaches: 1}", "{habit: exports, reaches: 5}", "4:18  error[not-yet]  'habit' is a word of the language that this version does not carry out yet", id="a habit"),
    pytest.param(PLAYBOOK, "reaches: 1}", "reaches: account.goal}", "4:47  error[not-yet]  this version does not carry out a milestone that a fact sets yet", id="a goal that a fact sets"),
    pytest.param(PLAYBOOK, "{onboarding: [member.invited]}", "{onboarding: [member.invited], of: photos}", "5:49  error[not-yet]  this version does not carry out the onboarding of a product yet", id="an onboarding with a product"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], bundle: creative", "8:38  error[not-yet]  'bundle' is a word of the language that this version does not carry out yet", id="a bundle"),
    pytest.param(PLAYBOOK, "add: photos}\n  hello", "add: complement}\n  hello", "8:43  error[not-yet]  this version does not carry out 'add: complement' yet", id="the strongest complement"),
    pytest.param(PLAYBOOK, "next on personal", "fitting", "7:42  error[not-yet]  this version does not carry out 'upgrade_to: fitting' or 'unlocks' yet", id="the plan that fits"),
    pytest.param(PLAYBOOK, "playbook: story", "playbook: story\nsegments: {small: 1}", "2:1  error[not-yet]  'segments' is a word of the language that this version does not carry out yet", id="segments"),
    pytest.param(PLAYBOOK, "on: [first_report], add: photos", "on: [first_report], add: photos, for: small", "8:51  error[not-yet]  'for' is a word of the language that this version does not carry out yet", id="an offer for some"),
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


def test_an_offer_without_evidence_can_not_be_published() -> None:
    """S60: no artificial need. An offer names the moments that earn it, or the set is refused."""
    without = PLAYBOOK.replace("{on: [first_report], add: photos}", "{add: photos}").replace(f"  {REPORT}\n", "")
    assert [problem.message for problem in refused(PRODUCT, without).problems] == ["offer 'photos_offer' needs 'on'"]


@pytest.mark.parametrize("words", ["preselected: true", "decline: false", "mark: photos"])
def test_there_is_no_word_for_preselecting_or_for_hiding_the_no(words: str) -> None:
    """S59: no dark patterns. The language can not say them."""
    broken = PLAYBOOK.replace("{on: [first_report], add: photos}", f"{{on: [first_report], add: photos, {words}}}")
    (problem,) = refused(PRODUCT, broken).problems
    assert problem.rule in ("unknown-key", "not-yet")


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
        pytest.param(
            "[member.invited]}", "[member.invited], order: listed}",
            "5:52  error[not-yet]  this version does not carry out an order of steps other than 'any' yet",
            id="an order of steps",
        ),
    ],
)  # fmt: skip
def test_what_has_the_wrong_shape_is_told_once(written: str, broken: str, told: str) -> None:
    after = PLAYBOOK.replace(written, broken, 1)
    assert after != PLAYBOOK
    if broken.startswith("1st"):
        after = after.replace("on: [first_report]", "on: [1st_report]")
    assert [str(problem) for problem in refused(PRODUCT, after).problems] == [f"playbook.yaml:{told}"]


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
        pytest.param("history: starts_empty", "history: never", {"not-yet"}, id="a history of another kind"),
    ],
)
def test_the_rules_of_the_catalogue(written: str, broken: str, told: set[str]) -> None:
    product = PRODUCT.replace("currency: USD\n", "currency: USD\nhistory: starts_empty\nterms: {month: 1, year: 12}\n")
    assert compile_set([("product.yaml", product), ("playbook.yaml", PLAYBOOK)], 0).product.currency == "USD"
    assert {problem.rule for problem in refused(product.replace(written, broken, 1), PLAYBOOK).problems} <= told
