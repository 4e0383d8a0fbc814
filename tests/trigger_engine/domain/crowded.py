"""A set that asks for nearly as much as there is room for, and an account of which every list is full."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from schemas.facts import AccountCreated, AttributeSet, OnboardingStarted, TicketClosed
from schemas.offers import OfferMade
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.meters.days_with import MAX_DAYS
from tests.trigger_engine.domain.building import PRODUCT, T0, Bench, D, H, S, compiled, playbook, rules

if TYPE_CHECKING:
    from services.trigger_engine.domain.playbook.sets import CompiledSet

SALES: Final = 140
TASKS: Final = 16
HELD: Final = 20
COOLING: Final = 34
ALWAYS: Final = 17
PLACES: Final = [f"placement_{number}" for number in range(8)]
ANN: Final = "ann@example.com"

METERS: Final = """
  storage_gb: {sum: size_gb, of: file.stored}
  rolling_gigabytes: {sum: size_gb, of: file.stored, over: 30d}
  rolling_largest: {max: size_gb, of: file.stored, over: 30d}
  rolling_sharers: {distinct: user, of: file.stored, over: 30d}
  sharers_of_ever: {distinct: user, of: file.stored}
  gigabytes_by_day: {sum: size_gb, of: file.stored, over: day}
  days_of_storing: {days_with: file.stored}
  rolling_of_user: {count: file.stored, by: user, over: 30d}
  sizes_of_user: {distinct: size_gb, by: user, of: file.stored, over: 30d}
  days_of_user: {count: file.stored, by: user, over: day}
  exports: {count: report.exported}
"""
MOMENTS: Final = (
    "daily_limit: {limit: gigabytes_by_day, at: [50%, 80%, 100%]}",
    "stored_then_shared: {sequence: [file.stored, file.shared], within: 90d}",
    "stored_and_not_signed: {absence: file.stored, after: document.signed, within: 90d}",
    "onboarded_in_order: {onboarding: [file.stored, task.ran], order: as_written, within: 3650d}",
    "growing_by_day: {growth: storage_gb, by: 1000%, of: day, from: 1000000}",
    "soon_full: {forecast: storage_gb, within: 5d, confidence: 100%}",
    "user_signs: {habit: rolling_of_user, reaches: 100000}",
)


def crowded() -> Bench:
    """A bench with that account; ``bounds`` tells what was reached on the way."""
    bench = Bench(_former())
    bench.tell(AccountCreated, plan="plus", term="month", seats=3, locale="de-DE", zone="Europe/Berlin")
    for number in range(60):
        bench.use("file.stored", user=ANN, at=T0 - D + number * S, size_gb=Decimal(number) / 8)
    bench.core = Core(_set())
    bench.tell(AttributeSet, name="score", value=0)
    _use(bench)
    _sell(bench)
    _fill(bench)
    return bench


def _use(bench: Bench) -> None:
    """Meters, moments that compare times, totals."""
    for number in range(60 * 12):
        at = T0 + number * (H if number % 2 else 8 * H)
        bench.use("file.stored", at=at, user=ANN if number % 2 else f"user-{number}", size_gb=Decimal(number) / 8)
        bench.use("file.shared", at=at)
        bench.use("document.signed", at=at)
    bench.use("file.stored", at=T0 + (MAX_DAYS + 90) * D, user=ANN, size_gb=1)
    for number in range(600):
        at = T0 + (MAX_DAYS + 100) * D + number * S
        bench.use("file.stored", at=at, user=ANN if number % 2 else f"user-{number}", size_gb=Decimal(number) / 8)


def _sell(bench: Bench) -> None:
    """Offers: shown to many and dismissed, all but the last; tasks that nobody has done yet."""
    for number in range(1, SALES + TASKS + 1):
        bench.wait(S)
        for made in [event for event in bench.use("report.exported") if isinstance(event, OfferMade)]:
            if number > SALES - len(PLACES):
                continue
            for user in range(9):
                bench.respond(made.data.offer.offer_id, "presented", user=f"user-{user}")
            bench.respond(made.data.offer.offer_id, "dismissed")


def _fill(bench: Bench) -> None:
    """Segments left, tickets, held moments, facts: until one more is refused."""
    bench.tell(AttributeSet, name="score", value=COOLING)
    bench.tell(AttributeSet, name="score", value=0, at=bench.now + 1)
    for number in range(80):
        bench.tell(TicketClosed, ticket=f"ticket-number-{number:08}", fact_id=f"{number:036}")
    for _ in range(HELD):
        bench.use("report.exported")
    try:
        for number in range(300):
            bench.tell(AttributeSet, name=f"attribute_number_{number}", value="x" * 10, fact_id=f"{number:036}")
    except Impossible:
        return
    raise AssertionError("no fact was refused")


def _former() -> CompiledSet:
    meters = "".join(f"  former_meter_{number}: {{sum: size_gb, of: file.stored}}\n" for number in range(20))
    rolling = "".join(f"  former_{n}: {{sum: size_gb, of: file.stored, by: user, over: {n + 8}d}}\n" for n in range(20))
    product = PRODUCT.replace("meters:\n", f"meters:\n{meters}{rolling}")
    return rules(["m: {milestone: exports, reaches: 1}"], ["o: {on: [m], add: room}"], product=product)


def _set() -> CompiledSet:
    before, plans = PRODUCT[: PRODUCT.index("meters:")], PRODUCT[PRODUCT.index("plans:") :]
    for gone in (", tasks: 1000", ", tasks: 100", ", tasks: unlimited", ", projects: 3"):
        plans = plans.replace(gone, "")
    plans = plans.replace("limits: {storage_gb: 10", "limits: {storage_gb: 10, gigabytes_by_day: 8")
    plans = plans.replace("[banner, modal, upgrade_page]", f"[{', '.join(PLACES)}]")
    quiet = ", ".join(f"{{segment_number_{number}: 1d}}" for number in range(COOLING))
    caps = "{at_most: 128, per: 364d}, {at_most: 128, per: 364d, each: user}"
    levels = "levels:\n  engagement_level:\n    - very_high: meters.exports > 5\n    - low: otherwise\n"
    product = (
        f"{before}meters:{METERS.rstrip()}\n{plans}facts: {{score: whole}}\n{levels}"
        f"guardrails: {{quiet_when: [open_ticket, {quiet}], caps: [{caps}]}}\n"
    )
    moments, offers = [*MOMENTS], []
    for number in range(1, SALES + TASKS + HELD + 1):
        moments.append(f"exported_{number}_times: {{milestone: exports, reaches: {number}, stale_after: 900d}}")
        does = f"add: room, placements: [{PLACES[number % len(PLACES)]}], after_a_no: never, family: family_{number}"
        if SALES - len(PLACES) < number <= SALES:  # quiet segments take no help back
            does = does.replace("add: room", "nurture: sharing")
        if SALES < number <= SALES + TASKS:
            does = f"task: {PLACES[0]}"
        on = ", ".join([f"exported_{number}_times", *(name.split(":")[0] for name in MOMENTS if number == 1)])
        more = "open_for: 900d, report_by: [engagement_level, plan, term], not_before: {meters.exports: 1}"
        offers.append(f"offer_number_{number}: {{on: [{on}], {does}, {more}}}")
    segments = [f"  segment_number_{number}: account.score > {number}" for number in range(COOLING)]
    segments += [f"  everybody_{number}: account.score < {100 + number}" for number in range(ALWAYS)]
    return compiled(product, f"{playbook(moments, offers)}\nsegments:\n" + "\n".join(segments) + "\n")


OF_USERS: Final = """
  gigabytes_lately: {sum: size_gb, of: file.stored, by: user, over: 30d}
  largest_lately: {max: size_gb, of: file.stored, by: user, over: 30d}
  sizes_lately: {distinct: size_gb, of: file.stored, by: user, over: 30d}
  sizes_of_ever: {distinct: size_gb, of: file.stored, by: user}
  sizes_by_day: {distinct: size_gb, of: file.stored, by: user, over: day}
  gigabytes_by_day: {sum: size_gb, of: file.stored, by: user, over: day}
  days_of_storing: {days_with: file.stored, by: user}
  reports: {count: report.exported, by: user}
"""
MOMENTS_OF_USERS: Final = (
    "shown: {onboarding: [report.exported, file.shared, document.signed], of: user, order: as_written, within: 3285d}",
    "stores_much: {habit: gigabytes_lately, reaches: 100000}",
    "first_report: {milestone: reports, reaches: 1}",
)


def crowded_user() -> Bench:
    """A bench with an account of which one user has every list full, of a set that asks for most by user."""
    bench = Bench(_former())
    for number in range(3):
        bench.use("file.stored", user=ANN, at=T0 - D + number * S, size_gb=Decimal(number) / 8)
    product = PRODUCT.replace("meters:\n", f"meters:{OF_USERS.rstrip()}\n", 1)
    offers = ["o: {on: [shown, stores_much, first_report], add: room}"]
    bench.core = Core(rules(MOMENTS_OF_USERS, offers, product=product))
    bench.use("task.ran", at=T0, user=ANN)
    for number in range(1_300):  # in the thick of others, and a long time between
        at = T0 + number * S if number % 2 else T0 + number * 8 * D
        bench.use("file.stored", at=at, user=ANN, size_gb=Decimal(number) / 8)
        bench.use("file.shared", at=at, user=ANN)
        bench.use("document.signed", at=at, user=ANN)
    last = bench.now + 1_300 * 8 * D
    for number in range(600):
        bench.use("file.stored", at=last + number * S, user=ANN, size_gb=Decimal(number) / 8)
    try:
        for number in range(300):
            bench.tell(OnboardingStarted, user=ANN, product=f"product_number_{number}", fact_id=f"{number:036}")
    except Impossible:
        return bench
    raise AssertionError("no fact was refused")
