"""Stories: what may happen to a few accounts, made up by hypothesis, and a set in which much comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from schemas.facts import (
    AccountCreated,
    AttributeSet,
    CancelRequested,
    CancelWithdrawn,
    LimitSet,
    MeterSet,
    OnboardingAbandoned,
    OnboardingCompleted,
    OnboardingStarted,
    PaymentFailed,
    PaymentRecovered,
    PeriodStarted,
    PlanChanged,
    ProductBought,
    ProductEnded,
    SeatsChanged,
    TicketClosed,
    TicketOpened,
)
from schemas.offers import OfferMade
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import PRODUCT, T0, Bench, D, H, playbook, rules

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from services.trigger_engine.domain.playbook.sets import CompiledSet

GUARDRAILS: Final = (
    "{quiet_when: [onboarding, {open_ticket: 5h}, payment_failed, cancelling],"
    " caps: [{at_most: 3, per: 2d}, {at_most: 2, per: 1d, each: placement}]}"
)
MOMENTS: Final = (
    "storage_full: {limit: storage_gb, at: [50%, 80%, 100%], stale_after: 2h}",
    "tasks_up: {limit: tasks, at: [80%, 100%]}",
    "first_report: {milestone: exports, reaches: 1}",
    "shared: {milestone: shares, reaches: 4}",
    "signed: {milestone: signatures, reaches: 2}",
    "onboarded: {onboarding: [member.invited, file.shared], within: 6h}",
    "met: {onboarding: [document.signed, file.shared], of: user, within: 1d}",
)
OFFERS: Final = (
    "more: {on: [storage_full], upgrade_to: next on personal, after_a_no: wait for higher step, open_for: 1d}",
    "room_: {on: [storage_full], add: room, boost: 0.5, placements: [modal], family: capacity, open_for: 9h}",
    "work: {on: [tasks_up, shared], upgrade_to: next on work, placements: [upgrade_page], after_a_no: next_period}",
    "photos_: {on: [first_report, onboarded], add: photos, after_a_no: 1d, open_for: 5h}",
    "cable_: {on: [signed, met], add: cable, after_a_no: never, placements: [modal]}",
)


def eventful() -> CompiledSet:
    """A set in which much happens."""
    return rules(MOMENTS, OFFERS, GUARDRAILS)


EVERY_METER: Final = """
  sharing: {count: file.shared, over: 1d}
  sharers: {distinct: user, of: file.shared, over: week}
  signing: {count: document.signed, by: user, over: 2d}
  daily_gb: {sum: size_gb, of: file.stored, over: day}
  big: {count: file.stored, where: event.size_gb > 5}
  sizes: {count: file.stored, by: size_gb}
  busy_days: {days_with: any, over: 2d}
"""
EVERY_KIND: Final = (
    *MOMENTS,
    "busy: {habit: tasks, reaches: 60}",
    "used: {habit: sharing, reaches: 2}",
    "signer: {habit: signing, reaches: 2}",
    "heavy: {limit: daily_gb, at: [50%, 100%], again_after: [below 20%]}",
    "large: {milestone: big, reaches: 2}",
    "same: {milestone: sizes, reaches: 2}",
    "many: {milestone: sharers, reaches: 2}",
    "blocked: {attempt: member.invited, of: projects}",
    "grown: {growth: shares, by: 10%, of: day, from: 1}",
    "signed_more: {growth: signatures, by: 10%, of: day, from: 1}",
    "soon: {forecast: storage_gb, within: 5d, confidence: 10%}",
    "stayed: {tenure: account.plan_since, reaches: 1 month}",
    "row: {sequence: [member.invited, report.exported], within: 8h}",
    "missing: {absence: report.exported, after: member.invited, within: 5h}",
    "led: {onboarding: [project.created, report.exported], order: as_written, starts: account.created, within: 9h}",
)
EVERY_OFFER: Final = (
    *OFFERS,
    "cable_2: {on: [busy, used, heavy, large, same, many, blocked], add: cable, family: c, placements: [modal]}",
    "photos_2: {on: [grown, soon, stayed, row, missing, led], add: photos, family: p, open_for: 6h}",
    "room_2: {on: [signer, signed_more], add: room, family: r, placements: [upgrade_page]}",
)


def everything() -> CompiledSet:
    """A set with every kind of moment, on meters of every kind."""
    product = PRODUCT.replace("meters:", f"meters:{EVERY_METER.rstrip()}")
    product = product.replace("limits: {storage_gb: 10, ", "limits: {storage_gb: 10, daily_gb: 8, ")
    return rules(EVERY_KIND, EVERY_OFFER, GUARDRAILS, product)


def documents() -> str:
    """Its playbook, as text."""
    return playbook(MOMENTS, OFFERS)


@dataclass(frozen=True)
class Happening:
    """Something that happens ``late`` after its own time, once ``after`` has passed."""

    what: str
    data: tuple[tuple[str, Any], ...] = ()
    account: str = "acme"
    after: int = 0
    late: int = 0


FACTS: Final[dict[str, type[Any]]] = {
    kind.__name__: kind
    for kind in (
        AccountCreated,
        AttributeSet,
        CancelRequested,
        CancelWithdrawn,
        LimitSet,
        MeterSet,
        OnboardingAbandoned,
        OnboardingCompleted,
        OnboardingStarted,
        PaymentFailed,
        PaymentRecovered,
        PeriodStarted,
        PlanChanged,
        ProductBought,
        ProductEnded,
        SeatsChanged,
        TicketClosed,
        TicketOpened,
    )
}

What = tuple[str, dict[str, Any]]


def _told(kind: type[Any], **data: Any) -> tuple[str, dict[str, Any]]:
    return kind.__name__, data


usage: st.SearchStrategy[What] = st.one_of(
    st.builds(lambda gb: ("file.stored", {"size_gb": gb}), st.decimals(-4, 9, places=2)),
    st.builds(lambda event: (event, {}), st.sampled_from(["report.exported", "member.invited", "project.created"])),
    st.builds(
        lambda event, user: (event, {"user": user}),
        st.sampled_from(["document.signed", "file.shared"]),
        st.sampled_from(["ann", "bob", None]),
    ),
    st.builds(lambda n: ("task.ran", {"quantity": n}), st.integers(1, 90)),
    st.just(("file.stored", {"size_gb": "much"})),
)
facts: st.SearchStrategy[What] = st.one_of(
    st.builds(lambda p: _told(PlanChanged, plan=p), st.sampled_from(["free", "plus", "team", "enterprise", "gone"])),
    st.builds(lambda n: _told(SeatsChanged, seats=n), st.integers(0, 9)),
    st.builds(lambda zone: _told(AccountCreated, zone=zone), st.sampled_from(["Asia/Tokyo", "America/New_York"])),
    st.builds(
        lambda v: _told(LimitSet, meter="storage_gb", value=v), st.sampled_from([Decimal(0), Decimal(7), "unlimited"])
    ),
    st.builds(
        lambda v: _told(MeterSet, meter="storage_gb", value=v, as_of=to_datetime(T0)), st.decimals(0, 12, places=1)
    ),
    st.builds(
        lambda n: _told(PeriodStarted, starts=to_datetime(T0 + n * D), ends=to_datetime(T0 + n * D + 2 * D)),
        st.integers(-1, 3),
    ),
    st.builds(
        lambda kind, p: (kind, {"product": p}),
        st.sampled_from(["ProductBought", "ProductEnded"]),
        st.sampled_from(["photos", "room"]),
    ),
    st.builds(
        lambda kind, t: (kind, {"ticket": t}), st.sampled_from(["TicketOpened", "TicketClosed"]), st.sampled_from("12")
    ),
    st.builds(
        lambda kind, user: (kind, {"user": user} if user else {}),
        st.sampled_from(["OnboardingStarted", "OnboardingCompleted", "OnboardingAbandoned"]),
        st.sampled_from(["ann", None]),
    ),
    st.sampled_from(
        [("PaymentFailed", {}), ("PaymentRecovered", {}), ("CancelRequested", {}), ("CancelWithdrawn", {})]
    ),
)
responses: st.SearchStrategy[What] = st.builds(
    lambda which, response: ("respond", {"which": which, "response": response}),
    st.integers(0, 4),
    st.sampled_from(["presented", "clicked", "accepted", "dismissed", "snoozed"]),
)
happenings = st.builds(
    lambda what, account, after, late: Happening(what[0], tuple(what[1].items()), account, after * H, late * H),
    st.integers(0, 9).flatmap(lambda n: usage if n < 5 else responses if n < 8 else facts),
    st.just("acme"),
    st.sampled_from([0, 0, 0, 1, 3, 8]),
    st.sampled_from([0, 0, 0, 1, 4]),
)
stories = st.lists(happenings, min_size=8, max_size=40)


def play(bench: Bench, story: list[Happening], *, ids: dict[int, str] | None = None) -> list[list[Envelope]]:
    """Let a story happen; what came of each part of it. ``ids`` names the parts, by place."""
    return [happen(bench, one, None if ids is None else ids[place]) for place, one in enumerate(story)]


def happen(bench: Bench, one: Happening, name: str | None = None) -> list[Envelope]:
    """One part of a story; nothing comes of what is impossible."""
    data, at = dict(one.data), bench.now + one.after - one.late
    events = bench.wait(one.after) if one.after else []
    try:
        if one.what == "respond":
            return [*events, *_respond(bench, one, at)]
        if one.what in FACTS:
            return [*events, *bench.tell(FACTS[one.what], account=one.account, at=at, fact_id=name, **data)]
        return [*events, *bench.use(one.what, account=one.account, at=at, **data)]
    except Impossible:
        return events


def _respond(bench: Bench, one: Happening, at: int) -> list[Envelope]:
    data = dict(one.data)
    made = [
        event.data.offer.offer_id
        for event in bench.told
        if isinstance(event, OfferMade) and event.subject == one.account
    ]
    if not made:
        return []
    return bench.respond(made[data["which"] % len(made)], data["response"], account=one.account, at=at)
