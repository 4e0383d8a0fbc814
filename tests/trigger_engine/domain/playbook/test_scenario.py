"""A document of scenarios is read to the right values, and each fault in it is told once, where it is."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

from decimal import Decimal

import pytest

from schemas.responses import ResponseKind
from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.problems import Place
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario import (
    Came,
    Choice,
    Expects,
    Happens,
    Responds,
    Scenarios,
    Told,
    Waits,
    When,
)
from services.trigger_engine.domain.playbook.scenario_facts import FACTS, FactReader
from services.trigger_engine.domain.playbook.scenario_reader import CREATED, DEFAULT_START, read_scenarios
from tests.trigger_engine.domain.building import PRODUCT, D, H
from tests.trigger_engine.domain.playbook.whole_playbook import product_of
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

OFFERS = ("more_storage", "team_plan")
TEXT = """
scenarios: storage
about: What customers of the storage product are offered
account: {plan: free, created: 90d ago}
tests:
  nearly_full:
    about: "S03: an offer comes before anything is blocked"
    account: {seats: 3, zone: Europe/Berlin, products: [photos], meters: {storage_gb: 7.5}}
    steps:
      - file.stored: {size_gb: 1.25}
        user: maria
      - expect: more_storage
      - presented: more_storage
        user: maria
      - dismissed: more_storage
      - wait: 2d
      - file.stored: {size_gb: -0.5}
        times: 3
        every: 1h
        late: 2h
      - expect: nothing because dismissed
      - plan_changed: {plan: plus, term: year}
        at: 10d ago
      - until: 2026-06-01 08:30
      - report.exported: {}
        quantity: 2.5
      - expect: {withheld: team_plan, because: open_ticket}
  from_the_start:
    start: 2026-05-04
    steps:
      - period_started: {starts: now, ends: in 30d}
      - meter_set: {meter: storage_gb, value: 3}
      - expect: {changed: more_storage, user: maria, step: 100%, title: Full, body: Go on, options: [plus, team]}
      - expect: nothing
      - expect:
          made: team_plan
          options:
            - plus
            - {id: both, items: [photos, cable], price: {month: 9.50}, saving: 33%}
            - {id: team, quantity: 2, gains: {storage_gb: 2 to 2000, history: included}}
          mark: both
          note: Call them
"""


def reading(text: str) -> tuple[Scenarios, list[str]]:
    problems = Problems()
    product = read_product(read("product.yaml", PRODUCT), problems)
    assert problems.found == []
    scenarios = read_scenarios(read("s.yaml", text), product, OFFERS, problems)
    return scenarios, [str(problem).removeprefix("s.yaml:") for problem in problems.found]


@pytest.fixture(scope="module")
def scenarios() -> Scenarios:
    read_from, told = reading(TEXT)
    assert told == []
    return read_from


def test_a_document_says_which_playbook_it_tests(scenarios: Scenarios) -> None:
    assert scenarios.playbook == "storage"
    assert scenarios.about == "What customers of the storage product are offered"
    assert list(scenarios.scenarios) == ["nearly_full", "from_the_start"]
    assert scenarios.scenarios["nearly_full"].about == "S03: an offer comes before anything is blocked"


def test_what_is_given_is_what_all_say_and_what_one_says(scenarios: Scenarios) -> None:
    created, bought, stands = scenarios.scenarios["nearly_full"].given
    assert (created.type, created.at) == ("rung.account_created", When(-90 * D))
    assert created.data == {"plan": "free", "seats": 3, "zone": "Europe/Berlin"}
    assert (bought.type, bought.data, bought.at) == ("rung.product_bought", {"product": "photos"}, When(-90 * D))
    assert stands.data == {"meter": "storage_gb", "value": Decimal("7.5"), "as_of": When()}
    (alone,) = scenarios.scenarios["from_the_start"].given
    assert alone.data == {"plan": "free"}


def test_a_scenario_starts_on_a_monday_unless_it_says_otherwise(scenarios: Scenarios) -> None:
    assert scenarios.scenarios["nearly_full"].start_us == DEFAULT_START
    assert scenarios.scenarios["from_the_start"].start_us == 1_777_852_800_000_000


def test_steps_come_in_the_order_written(scenarios: Scenarios) -> None:
    steps = scenarios.scenarios["nearly_full"].steps
    assert steps == (
        Happens(Place("s.yaml", 10, 9), "file.stored", {"size_gb": Decimal("1.25")}, "maria"),
        Expects(Place("s.yaml", 12, 17), Came.MADE, "more_storage"),
        Responds(Place("s.yaml", 13, 9), ResponseKind.PRESENTED, "more_storage", "maria"),
        Responds(Place("s.yaml", 15, 9), ResponseKind.DISMISSED, "more_storage"),
        Waits(Place("s.yaml", 16, 9), When(2 * D)),
        Happens(
            Place("s.yaml", 17, 9), "file.stored", {"size_gb": Decimal("-0.5")}, times=3, late_us=2 * H, every_us=H
        ),
        Expects(Place("s.yaml", 21, 17), None, because="dismissed"),
        Told(Place("s.yaml", 22, 9), "rung.plan_changed", {"plan": "plus", "term": "year"}, When(-10 * D)),
        Waits(Place("s.yaml", 24, 9), When(at_us=1_780_302_600_000_000)),
        Happens(Place("s.yaml", 25, 9), "report.exported", {}, quantity=Decimal("2.5")),
        Expects(Place("s.yaml", 27, 17), Came.WITHHELD, "team_plan", because="open_ticket"),
    )


def test_an_account_has_a_name_of_its_own_where_it_is_given_one(scenarios: Scenarios) -> None:
    assert {scenario.account for scenario in scenarios.scenarios.values()} == {"account"}
    named, told = reading(TEXT.replace("{seats: 3,", "{id: acme, seats: 3,"))
    assert ([scenario.account for scenario in named.scenarios.values()], told) == (["acme", "account"], [])


def test_what_is_expected_can_be_said_in_full(scenarios: Scenarios) -> None:
    period, stands, changed, nothing, _ = scenarios.scenarios["from_the_start"].steps
    assert isinstance(period, Told)
    assert period.data == {"starts": When(), "ends": When(30 * D)}
    assert isinstance(stands, Told)
    assert stands.data == {"meter": "storage_gb", "value": Decimal(3), "as_of": When()}
    assert changed == Expects(
        Place("s.yaml", 33, 17),
        Came.CHANGED,
        "more_storage",
        user="maria",
        step=Decimal(1),
        title="Full",
        body="Go on",
        options=(Choice("plus"), Choice("team")),
    )
    assert nothing == Expects(Place("s.yaml", 34, 17), None)


def test_what_is_expected_of_options_can_be_said_in_full(scenarios: Scenarios) -> None:
    *_, offered = scenarios.scenarios["from_the_start"].steps
    assert offered == Expects(
        Place("s.yaml", 36, 11),
        Came.MADE,
        "team_plan",
        options=(
            Choice("plus"),
            Choice("both", ("photos", "cable"), price={"month": Decimal("9.50")}, saving=Decimal("0.33")),
            Choice("team", quantity=Decimal(2), gains={"storage_gb": "2 to 2000", "history": "included"}),
        ),
        mark="both",
        note="Call them",
    )


def test_an_account_may_be_created_just_now() -> None:
    scenarios, told = reading(TEXT.replace("90d ago", "now"))
    assert told == []
    assert scenarios.scenarios["nearly_full"].given[0].at == When()


def test_an_account_is_sixty_days_old_unless_it_says_otherwise() -> None:
    told, _ = reading(TEXT.replace(", created: 90d ago", ""))
    assert told.scenarios["nearly_full"].given[0].at == CREATED == When(-60 * D)


KINDS = """scenarios: storage
account: {vip: true, team: 3}
tests:
  kinds:
    account: {industry: retail}
    steps:
      - task.ran: {urgent: false}
      - report.exported: {format: pdf, pages: 3}
      - fact: {health: 0.75, vip: false}
        at: 3d ago
      - expect: nothing
"""


def of_the_whole_product(text: str) -> tuple[Scenarios, list[str]]:
    problems = Problems()
    scenarios = read_scenarios(read("s.yaml", text), product_of(WHOLE), OFFERS, problems)
    return scenarios, [str(problem).removeprefix("s.yaml:") for problem in problems.found]


def test_properties_and_facts_have_the_kind_that_was_declared() -> None:
    scenarios, told = of_the_whole_product(KINDS)
    assert told == []
    kinds = scenarios.scenarios["kinds"]
    assert kinds.given[0].data == {"attributes": {"vip": True, "team": 3, "industry": "retail"}}
    ran, exported, health, vip, _ = kinds.steps
    assert isinstance(ran, Happens)
    assert isinstance(exported, Happens)
    assert (ran.properties, exported.properties) == ({"urgent": False}, {"format": "pdf", "pages": 3})
    assert (health, vip) == (
        Told(Place("s.yaml", 9, 16), "rung.attribute_set", {"name": "health", "value": Decimal("0.75")}, When(-3 * D)),
        Told(Place("s.yaml", 9, 30), "rung.attribute_set", {"name": "vip", "value": False}, When(-3 * D)),
    )


def test_what_is_bought_may_have_a_price_of_its_own() -> None:
    bought = "      - product_bought: {product: cable, price: 3.50}\n      - expect: nothing"
    scenarios, told = of_the_whole_product(KINDS.replace("      - expect: nothing", bought, 1))
    assert told == []
    step = scenarios.scenarios["kinds"].steps[-2]
    assert isinstance(step, Told)
    assert step.data == {"product": "cable", "price": Decimal("3.50")}


@pytest.mark.parametrize(
    ("written", "broken", "expected"),
    [
        ("urgent: false", "urgent: no", "7:28  error[flag]  'no' is not true or false"),
        (
            "pages: 3",
            "pages: 3.5",
            "8:47  error[range]  pages must be a whole number, and this is '3.5'",
        ),
        ("vip: false", "vip: maybe", "9:35  error[flag]  'maybe' is not true or false"),
        (
            "health: 0.75",
            "health: good",
            "9:24  error[shape]  health must be a number such as 12.5, and this is 'good'",
        ),
        ("team: 3", "team: 3.5", "2:28  error[range]  team must be a whole number, and this is '3.5'"),
        (
            "health: 0.75",
            "helth: 0.75",
            "9:16  error[unknown-fact]  'helth' is not a fact of the product document (did you mean 'health'?)",
        ),
    ],
)
def test_what_is_of_another_kind_is_told(written: str, broken: str, expected: str) -> None:
    assert of_the_whole_product(KINDS.replace(written, broken, 1))[1] == [expected]


def test_every_field_of_every_fact_can_be_read() -> None:
    problems = Problems()
    reader = FactReader(read_product(read("product.yaml", PRODUCT), problems), problems)
    fields = {name for fact in FACTS.values() for name in _fields(fact)}
    assert {name for name in fields if name not in reader.fields} == set()


def _fields(fact: type) -> list[str]:
    return [*fact.model_fields["data"].annotation.model_fields]  # type: ignore[attr-defined]  # a message of `schemas`


# fmt: off
FAULTS = [
    pytest.param("scenarios: storage\n", "", "2:1  error[missing]  a document of scenarios needs 'scenarios'", id="of no playbook"),
    pytest.param("about: What", "abuot: What", "3:1  error[unknown-key]  a document of scenarios has no 'abuot' (did you mean 'about'?)", id="a misspelt key"),
    pytest.param("plan: free", "plan: fre", "4:17  error[unknown-plan]  'fre' is not a plan (did you mean 'free'?)", id="an account on no plan"),
    pytest.param("plan: free", "industry: retail", "4:11  error[unknown-key]  account has no 'industry'", id="a fact that was not declared"),
    pytest.param("90d ago", "in 3d", "4:32  error[created]  an account is created before its scenario begins: '60d ago', or now", id="an account of tomorrow"),
    pytest.param("90d ago", "long ago", "4:32  error[shape]  a time must be such as '10d ago', 'in 20d', now or '2026-03-01 09:00' (UTC), and this is 'long ago'", id="a time that is none"),
    pytest.param("[photos]", "[foto]", "8:57  error[unknown-product]  'foto' is not a product (did you mean 'photos'?)", id="a product that is not there"),
    pytest.param("{storage_gb: 7.5}", "{storage: 7.5}", "8:75  error[unknown-meter]  'storage' is not a meter (did you mean 'storage_gb'?)", id="a meter that is not there"),
    pytest.param("file.stored: {size_gb: 1.25}", "file.storde: {size_gb: 1.25}", "10:9  error[step]  'file.storde' is not an event, a fact or another step (did you mean 'file.stored'?)", id="an event that is not there"),
    pytest.param("{size_gb: 1.25}", "{size_gb: 1.25, size: 1}", "10:38  error[unknown-key]  event 'file.stored' has no 'size' (did you mean 'size_gb'?)", id="a property that is not there"),
    pytest.param("{size_gb: 1.25}", "{}", "10:22  error[missing]  event 'file.stored' needs 'size_gb'", id="a property that lacks"),
    pytest.param("{size_gb: 1.25}", "{size_gb: big}", "10:32  error[shape]  size_gb must be a number such as 12.5, and this is 'big'", id="a property of another kind"),
    pytest.param("late: 2h", "lat: 2h", "20:9  error[unknown-key]  the step 'file.stored' has no 'lat' (did you mean 'late'?)", id="a misspelt word beside an event"),
    pytest.param("times: 3\n", "\n", "19:9  error[goes-with]  'every' goes with times: it says how much time passes from one to the next", id="time between what happens once"),
    pytest.param("every: 1h", "every: hour", "19:16  error[shape]  every must be a duration such as 30m, 24h or 14d, and this is 'hour'", id="times between of no length"),
    pytest.param("times: 3", "times: 0", "18:16  error[range]  times must be a whole number of at least 1, and this is '0'", id="no times"),
    pytest.param("user: maria", "user: a {n}", "11:15  error[id]  a user may have letters, digits and _ . : - only, 64 at most", id="users that have no ids"),
    pytest.param("times: 3", "times: 10001", "18:16  error[range]  times must be 10000 or less", id="too many times"),
    pytest.param("- wait: 2d", "- wait: 2d\n        expect: nothing", "16:9  error[step]  a step says one thing: give each a line of its own", id="two things in one step"),
    pytest.param("wait: 2d", "wait: a while", "16:15  error[shape]  wait must be a duration such as 30m, 24h or 14d, and this is 'a while'", id="a wait of no length"),
    pytest.param("2026-06-01 08:30", "2026-06-31 08:30", "24:16  error[shape]  until must be a day and a time in UTC such as '2026-03-02 09:00', and this is '2026-06-31 08:30'", id="a day that is not there"),
    pytest.param("plan_changed: {plan: plus", "plan_changed: {plan: pluss", "22:30  error[unknown-plan]  'pluss' is not a plan (did you mean 'plus'?)", id="a fact of a plan that is not there"),
    pytest.param("plan_changed: {plan: plus, term", "plan_changed: {term", "22:23  error[missing]  plan_changed needs 'plan'", id="a fact that lacks a field"),
    pytest.param("dismissed: more_storage", "dismissed: more_storge", "15:20  error[unknown-offer]  'more_storge' is not an offer (did you mean 'more_storage'?)", id="a response to no offer"),
    pytest.param("expect: more_storage", "expect: more_storge", "12:17  error[unknown-offer]  'more_storge' is not an offer, 'nothing' or 'nothing because REASON' (did you mean 'more_storage'?)", id="an expected offer that is not there"),
    pytest.param("nothing because dismissed", "nothing because dismised", "21:33  error[unknown-reason]  'dismised' is not a reason (did you mean 'dismissed'?)", id="a reason that is none"),
    pytest.param("{withheld: team_plan, because", "{because", "27:17  error[expect]  what is expected needs exactly one of made, changed, withheld, revoked, expired", id="an expectation of nothing in particular"),
    pytest.param("{changed: more_storage, user", "{changed: more_storage, because: capped, user", "33:41  error[goes-with]  'because' goes with withheld and revoked: what is changed needs no reason", id="a reason for what was made"),
    pytest.param("{id: both, items", "{items", "39:15  error[missing]  an option needs 'id'", id="an option without its id"),
    pytest.param("saving: 33%", "save: 33%", "39:72  error[unknown-key]  an option has no 'save' (did you mean 'saving'?)", id="a misspelt detail of an option"),
    pytest.param("saving: 33%", "saving: 33", "39:80  error[shape]  saving must be a share such as 80%, and this is '33'", id="a saving that is no share"),
    pytest.param("{month: 9.50}", "9.50", "39:57  error[shape]  a price must be a mapping, and this is '9.50'", id="a price without its term"),
    pytest.param("{month: 9.50}", "{month: 9.50, year: 90}", "39:57  error[price]  an option has one price, such as {month: 10}", id="an option of two prices"),
    pytest.param("quantity: 2,", "quantity: two,", "40:36  error[shape]  quantity must be a number such as 12.5, and this is 'two'", id="seats that are no number"),
    pytest.param("history: included", "history: [x]", "40:79  error[shape]  what is gained of 'history' must be text, and this is a list", id="a gain that is a list"),
    pytest.param("start: 2026-05-04", "start: monday", "29:12  error[shape]  a start must be a day and a time in UTC such as '2026-03-02 09:00', and this is 'monday'", id="a start that is no day"),
]
# fmt: on


@pytest.mark.parametrize(("written", "broken", "told"), FAULTS)
def test_a_fault_is_told_once_and_where_it_is(written: str, broken: str, told: str) -> None:
    assert written in TEXT
    assert reading(TEXT.replace(written, broken, 1))[1] == [told]


def test_a_scenario_that_expects_nothing_is_refused_for_it_could_not_fail() -> None:
    text = "scenarios: storage\ntests:\n  idle:\n    steps: [wait: 1d]\n"
    assert reading(text)[1] == [
        "3:3  error[no-expectation]  scenario 'idle' expects nothing, so it could not fail: end it with 'expect'"
    ]


def test_a_document_without_scenarios_is_refused() -> None:
    assert reading("scenarios: storage\ntests: {}\n")[1] == [
        "2:8  error[missing]  at least one scenario is needed, or nothing is tested"
    ]
