"""A playbook that says all the language has words for is read to the right values."""

import re
from datetime import date
from decimal import Decimal

import pytest

from schemas.offers import Verb
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.playbook.guardrails import Quiet
from services.trigger_engine.domain.playbook.moments import (
    ACCOUNT_CREATED,
    NEVER_REACHED,
    AbsenceMoment,
    AgainAfter,
    AnyMoment,
    AttemptMoment,
    BecomesMoment,
    Ending,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
    OutcomeMoment,
    SequenceMoment,
    TenureMoment,
)
from services.trigger_engine.domain.playbook.moments_reader import KINDS
from services.trigger_engine.domain.playbook.offers import AfterNo, NoRule, Words
from services.trigger_engine.domain.playbook.playbook_reader import Playbook
from services.trigger_engine.domain.playbook.trials import Runs, StopIf
from services.trigger_engine.domain.playbook.verbs import (
    Add,
    AddComplement,
    AddSeats,
    ChangeTerm,
    ChooseFrom,
    Does,
    Highlight,
    Nurture,
    Order,
    SellBundle,
    TaskFor,
    UpgradeTo,
    UpgradeToFitting,
    UpgradeToUnlock,
)
from tests.trigger_engine.domain.building import D, H
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK, checked, faults, reading

DAY = 24 * H
STEPS = (Decimal("0.8"), Decimal("0.9"), Decimal(1))


@pytest.fixture(scope="module")
def whole() -> Playbook:
    playbook, problems = reading(PLAYBOOK)
    assert problems.found == []
    return playbook


def read_with(written: str, other: str) -> Playbook:
    """The playbook with one thing said otherwise."""
    assert written in PLAYBOOK
    playbook, problems = reading(PLAYBOOK.replace(written, other, 1))
    assert problems.found == []
    return playbook


def test_a_playbook_that_says_everything_makes_sense() -> None:
    assert checked(PLAYBOOK).found == []


def test_a_playbook_has_a_name_and_says_what_it_is_about(whole: Playbook) -> None:
    assert (whole.name, whole.about) == ("storage", "Upgrade moments of a file storage product")


@pytest.mark.parametrize(
    "moment",
    [
        LimitMoment("storage_full", "storage_gb", STEPS, DAY, again_after=AgainAfter(True, Decimal("0.7"))),  # noqa: FBT003  - plan_change, of a pair
        AttemptMoment("blocked", "project.created", "projects", DAY),
        MilestoneMoment("first_report", "exports", Decimal(1), H // 2),
        MilestoneMoment("goal_reached", "storage_gb", NEVER_REACHED, DAY, reaches_fact="goal"),
        OnboardingMoment(
            "onboarded",
            ("project.created", "file.stored", "member.invited"),
            OnboardingOf.ACCOUNT,
            14 * D,
            DAY,
            starts=ACCOUNT_CREATED,
        ),
        OnboardingMoment("photos_known", ("file.shared",), OnboardingOf.ACCOUNT, 7 * D, DAY, product="photos"),
        OnboardingMoment(
            "user_started",
            ("file.stored", "file.shared"),
            OnboardingOf.USER,
            3 * D,
            DAY,
            starts="member.invited",
            in_order=True,
        ),
        HabitMoment("sharing_habit", "sharing", Decimal(5), DAY),
        GrowthMoment("growing", "tasks", Decimal("0.5"), Unit.MONTH, 2, Decimal(100), DAY),
        TenureMoment("one_year", "plan_since", 12, DAY),
        ForecastMoment("running_out", "storage_gb", 10, Decimal("0.9"), DAY),
        SequenceMoment("tried_both", ("file.stored", "file.shared"), 7 * D, DAY),
        AbsenceMoment("stalled", "file.shared", "file.stored", 7 * D, DAY),
        OutcomeMoment("csm_agreed", Ending.ACCEPTED, "ask_csm", 14 * D, DAY),
        OutcomeMoment("said_no", Ending.DISMISSED, "more_storage", None, DAY),
    ],
    ids=lambda moment: moment.name,
)
def test_each_kind_of_moment_is_read(whole: Playbook, moment: AnyMoment) -> None:
    assert whole.moments[moment.name] == moment


def test_a_moment_that_becomes_true_has_its_condition(whole: Playbook) -> None:
    moment = whole.moments["team_grew"]
    assert isinstance(moment, BecomesMoment)
    assert (moment.condition.text, moment.condition.reads) == (
        "account.team >= 3 && meters.tasks > 5",
        ("account.team", "meters.tasks"),
    )


def test_a_moment_of_each_kind_is_read(whole: Playbook) -> None:
    assert {moment.kind for moment in whole.moments.values()} == set(KINDS)


@pytest.mark.parametrize(("kind", "need"), [(kind, need) for kind, how in KINDS.items() for need in how.needs])
def test_a_moment_can_not_do_without_what_its_kind_needs(kind: str, need: str) -> None:
    (line, *_) = [line for line in PLAYBOOK.splitlines() if f"{{{kind}: " in line]
    without = re.sub(rf", {need}: (\[[^\]]*\]|[^,}}]+)", "", line)
    assert without != line
    assert f"needs {need!r}" in " ".join(faults(PLAYBOOK.replace(line, without, 1)))


@pytest.mark.parametrize(
    ("written", "other", "moment"),
    [
        pytest.param(
            ", at: [80%, 90%, 100%], again_after: [plan_change, below 70%]",
            "",
            LimitMoment("storage_full", "storage_gb", STEPS, DAY),
            id="steps of a limit",
        ),
        pytest.param(
            ", confidence: 90%",
            "",
            ForecastMoment("running_out", "storage_gb", 10, Decimal("0.8"), DAY),
            id="confidence of a forecast",
        ),
        pytest.param(
            ", periods: 2",
            "",
            GrowthMoment("growing", "tasks", Decimal("0.5"), Unit.MONTH, 1, Decimal(100), DAY),
            id="periods of growth",
        ),
        pytest.param(
            "of: account, starts: account.created, order: any, within: 14d",
            "stale_after: 2h",
            OnboardingMoment(
                "onboarded", ("project.created", "file.stored", "member.invited"), OnboardingOf.ACCOUNT, None, 2 * H
            ),
            id="all of onboarding but its steps",
        ),
        pytest.param("12 months", "1 year", TenureMoment("one_year", "plan_since", 12, DAY), id="a tenure in years"),
        pytest.param("12 months", "1 month", TenureMoment("one_year", "plan_since", 1, DAY), id="a tenure of a month"),
    ],
)
def test_what_a_moment_leaves_out_has_a_default(written: str, other: str, moment: AnyMoment) -> None:
    assert read_with(written, other).moments[moment.name] == moment


@pytest.mark.parametrize(
    ("offer", "does", "verb"),
    [
        ("more_storage", UpgradeTo(ladder="personal"), Verb.UPGRADE_TO),
        ("team_plan", UpgradeTo(plan="team"), Verb.UPGRADE_TO),
        ("fitting_plan", UpgradeToFitting(), Verb.UPGRADE_TO),
        ("supported", UpgradeToUnlock("support"), Verb.UPGRADE_TO),
        ("photos_offer", Add("photos"), Verb.ADD),
        ("with_it", AddComplement(), Verb.ADD),
        ("both", SellBundle("creative"), Verb.BUNDLE),
        ("five_seats", AddSeats(5), Verb.SEATS),
        ("seats_for_all", AddSeats(), Verb.SEATS),
        ("a_year", ChangeTerm(), Verb.TERM),
        ("three_years", ChangeTerm("three_years"), Verb.TERM),
        ("look", Highlight("history"), Verb.HIGHLIGHT),
        ("help", Nurture("sharing_basics"), Verb.NURTURE),
        ("ask_csm", TaskFor("csm", "Tasks grew {growth.percent}", 2 * D), Verb.TASK),
        ("call", TaskFor("csm"), Verb.TASK),
        ("suite", ChooseFrom(("photos", "creative", "enterprise"), "creative", Order.AS_WRITTEN), Verb.CHOOSE_FROM),
    ],
)
def test_what_an_offer_does_is_its_verb(whole: Playbook, offer: str, does: Does, verb: Verb) -> None:
    assert (whole.offers[offer].does, whole.offers[offer].verb) == (does, verb)


def test_choices_come_with_the_most_expensive_first_and_nothing_marked() -> None:
    playbook = read_with(", mark: creative, order: as_written", "")
    assert playbook.offers["suite"].does == ChooseFrom(("photos", "creative", "enterprise"))


def test_segments_are_conditions_with_a_name(whole: Playbook) -> None:
    assert list(whole.segments.read) == ["at_risk", "new_premium", "small_team"]
    assert whole.segments.read["at_risk"].text == "known(account.health) && account.health < 0.5"
    assert whole.segments.read["small_team"].reads == ("account.team", "at_risk")


def test_an_offer_is_for_those_for_whom_its_condition_holds(whole: Playbook) -> None:
    for_whom = {name: offer.only_for.text for name, offer in whole.offers.items() if offer.only_for}
    assert for_whom == {
        "more_storage": "not small_team",
        "team_plan": "account.plan == 'free'",
        "look": "meters.invites >= 1",
        "help": "engagement.low",
    }


def test_an_offer_to_one_user_reads_the_meters_of_that_user(whole: Playbook) -> None:
    condition = whole.offers["look"].only_for
    assert condition is not None
    assert condition.reads == ("meters.invites",)


def test_an_offer_has_thresholds_of_its_own(whole: Playbook) -> None:
    thresholds = [(threshold.name, threshold.least) for threshold in whole.offers["three_years"].not_before]
    assert thresholds == [("account.age", 300 * D), ("meters.exports", Decimal(10))]
    assert whole.offers["more_storage"].not_before == ()


def test_content_has_words_for_a_step_and_for_a_variant(whole: Playbook) -> None:
    offer = whole.offers["more_storage"]
    assert offer.words == Words(
        "You have used {meters.storage_gb} of {limit.storage_gb} GB",
        "More room for {price}",
        "You are close to your storage limit",
    )
    otherwise = "You are close to your storage limit"
    assert offer.words_at == {Decimal(1): Words("Your {limit.storage_gb} GB are full", otherwise=otherwise)}
    assert offer.words_of == {"b": Words("Room for more?", otherwise=otherwise)}


def test_a_trial_has_days_variants_and_an_end(whole: Playbook) -> None:
    offer = whole.offers["more_storage"]
    assert offer.runs == Runs(date(2026, 11, 1), date(2026, 12, 1))
    assert offer.variants == {"a": Decimal("0.5"), "b": Decimal("0.5")}
    assert offer.stop_if == StopIf(200, Decimal("0.4"), Decimal("0.2"))
    assert offer.report_by == ("engagement", "term", "small_team", "industry")


def test_what_is_just_within_bounds_is_read() -> None:
    assert read_with("confidence: 90%", "confidence: 100%").moments["running_out"] == ForecastMoment(
        "running_out", "storage_gb", 10, Decimal(1), DAY
    )
    assert read_with("within: 10d", "within: 28d").moments["running_out"] == ForecastMoment(
        "running_out", "storage_gb", 28, Decimal("0.9"), DAY
    )
    assert read_with("periods: 2", "periods: 12").moments["growing"] == GrowthMoment(
        "growing", "tasks", Decimal("0.5"), Unit.MONTH, 12, Decimal(100), DAY
    )
    assert read_with("dismissed: 40%", "dismissed: 100%").offers["more_storage"].stop_if == StopIf(
        200, Decimal(1), Decimal("0.2")
    )
    assert read_with("propensity: 0.04", "propensity: 1").offers["more_storage"].propensity == Decimal(1)


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("{from: 2026-11-01}", Runs(date(2026, 11, 1), None)),
        ("{until: 2026-11-01}", Runs(None, date(2026, 11, 1))),
    ],
)
def test_a_run_may_be_open_at_one_end(written: str, runs: Runs) -> None:
    assert read_with("{from: 2026-11-01, until: 2026-12-01}", written).offers["more_storage"].runs == runs


def test_what_a_no_means_is_read(whole: Playbook) -> None:
    assert {name: offer.after_a_no for name, offer in whole.offers.items() if offer.after_a_no.written != "30d"} == {
        "more_storage": AfterNo(NoRule.HIGHER_STEP, "wait for higher step"),
        "less_room": AfterNo(NoRule.NEVER, "never"),
        "a_year": AfterNo(NoRule.NEXT_PERIOD, "next_period"),
        "three_years": AfterNo(NoRule.FOR, "90d", 90 * D),
    }


def test_factors_and_places_are_read(whole: Playbook) -> None:
    offer = whole.offers["more_storage"]
    assert (offer.boost, offer.propensity, offer.open_for_us) == (Decimal("1.3"), Decimal("0.04"), 3 * D)
    assert (offer.family, offer.placements) == ("capacity", ("banner", "modal"))


def test_what_an_offer_leaves_out_has_a_default(whole: Playbook) -> None:
    offer = whole.offers["projects_plan"]
    assert (offer.boost, offer.propensity, offer.open_for_us) == (Decimal(1), Decimal(1), 7 * D)
    assert (offer.family, offer.placements, offer.words) == ("projects_plan", ("banner",), None)
    assert offer.after_a_no == AfterNo(NoRule.FOR, "30d", 30 * D)
    assert (offer.only_for, offer.runs, offer.stop_if, offer.variants) == (None, None, None, {})
    assert (offer.report_by, offer.words_at, offer.words_of) == ((), {}, {})


def test_a_task_is_shown_in_its_queue_only(whole: Playbook) -> None:
    assert whole.offers["ask_csm"].placements == ("csm",)


def test_a_playbook_has_stricter_guardrails_of_its_own(whole: Playbook) -> None:
    own = whole.guardrails
    assert own.quiet == {Quiet.OPEN_TICKET: 48 * H}
    assert [(quiet.condition.text, quiet.cool_down_us) for quiet in own.quiet_segments] == [("small_team", 0)]
    assert [(cap.at_most, cap.calendar) for cap in own.caps] == [(1, Unit.WEEK)]
    assert own.price_step.times == Decimal(2)


def test_nothing_of_the_language_is_left_for_later(whole: Playbook) -> None:
    _, problems = reading(PLAYBOOK)
    assert problems.later_found == []
    assert whole.offers["both"].does == SellBundle("creative")


@pytest.mark.parametrize(
    ("written", "other", "offer"),
    [
        ("upgrade_to: team", "upgrade_to: taem", "team_plan"),
        ("upgrade_to: next on personal", "upgrade_to: next on persnal", "more_storage"),
        ("upgrade_to: {unlocks: support}", "upgrade_to: {unlocks: x}", "supported"),
        ("add: photos}", "add: x}", "photos_offer"),
        ("bundle: creative", "bundle: x", "both"),
        ("seats: 5", "seats: x", "five_seats"),
        ("term: three_years", "term: x", "three_years"),
        ("highlight: history", "highlight: x", "look"),
        ("nurture: sharing_basics", "nurture: []", "help"),
        ("task: csm, not_before", "task: x, not_before", "call"),
        ("choose_from: [photos, creative, enterprise]", "choose_from: [photos, x]", "suite"),
    ],
)
def test_an_offer_whose_verb_can_not_be_read_is_left_out(written: str, other: str, offer: str) -> None:
    assert written in PLAYBOOK
    left, problems = reading(PLAYBOOK.replace(written, other, 1))
    assert problems.found
    assert offer not in left.offers


@pytest.mark.parametrize(
    ("written", "other", "moment"),
    [
        ("limit: storage_gb, at", "limit: x, at", "storage_full"),
        ("attempt: project.created, of", "attempt: x, of", "blocked"),
        ("milestone: exports", "milestone: x", "first_report"),
        ("[project.created, file.stored, member.invited]", "[x]", "onboarded"),
        ("habit: sharing", "habit: x", "sharing_habit"),
        ("growth: tasks", "growth: x", "growing"),
        ("tenure: account.plan_since", "tenure: x", "one_year"),
        ("forecast: storage_gb", "forecast: x", "running_out"),
        ("becomes: account.team >= 3 && meters.tasks > 5", "becomes: x", "team_grew"),
        ("sequence: [file.stored, file.shared]", "sequence: [x]", "tried_both"),
        ("absence: file.shared", "absence: x", "stalled"),
        ("outcome: accepted", "outcome: x", "csm_agreed"),
    ],
)
def test_a_moment_that_can_not_be_read_is_left_out(written: str, other: str, moment: str) -> None:
    assert written in PLAYBOOK
    left, problems = reading(PLAYBOOK.replace(written, other, 1))
    assert problems.found
    assert moment not in left.moments


def test_a_segment_that_can_not_be_read_is_left_out_and_still_named() -> None:
    left, problems = reading(PLAYBOOK.replace("known(account.health) &&", "known(account.helth) &&", 1))
    assert len(problems.found) == 1
    assert list(left.segments.read) == ["new_premium", "small_team"]
    assert left.segments.declared == ("at_risk", "new_premium", "small_team")
