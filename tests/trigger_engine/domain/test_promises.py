"""What a moment promises, through the whole core: it fires when it must, and never twice for one reason.

Every kind is worked out anew from the whole story, naively and apart (`reference.whole`), and held against what the
core said of it step by step. And the same story gives the same bytes, also when all is read back from bytes on the way.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decisions import Decided
from schemas.facts import AttributeSet
from schemas.offers import MomentKind, OfferMade
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.packing import ENCODER
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, compiled, playbook, wire
from tests.trigger_engine.domain.reference.whole import DAY, HOUR, MORNING, Fired, Happened, everything

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas.envelope import Envelope

S = TypeVar("S", AccountSlice, UserSlice)
MINUTE_US: Final = 60_000_000
END: Final = 45 * DAY

MOMENTS: Final = (
    "full: {limit: storage_gb, at: [50%, 80%, 100%]}",
    "busy_day: {limit: tasks_today, at: [100%]}",
    "third: {milestone: exports, reaches: 3}",
    "signed: {milestone: signatures, reaches: 2}",
    "onboarded: {onboarding: [member.invited, file.shared], within: 4290m}",
    "sharing_habit: {habit: sharing, reaches: 3}",
    "blocked: {attempt: project.blocked, of: projects}",
    "growing: {growth: exports, by: 50%, of: day, periods: 1, from: 1}",
    "one_month: {tenure: account.plan_since, reaches: 1 month}",
    "running_out: {forecast: pages, within: 10d, confidence: 100%}",
    "team_exports: {becomes: meters.exports >= 2 && account.team > 1}",
    "row: {sequence: [member.invited, report.exported], within: 8h}",
    "missing: {absence: report.exported, after: member.invited, within: 290m}",
    "agreed: {outcome: accepted, of: hello}",
)
NAMES: Final = [moment.partition(":")[0] for moment in MOMENTS]
TEXT: Final = (
    PRODUCT.replace("events:\n", "history: starts_empty\nevents:\n  project.blocked: {}\n  page.kept: {}\n")
    .replace("meters:\n", "meters:\n  sharing: {count: file.shared, over: 1d}\n  pages: {count: page.kept}\n"
             "  tasks_today: {count: task.ran, over: day}\n")
    .replace("limits: {storage_gb: 10,", "limits: {pages: 40, tasks_today: 4, storage_gb: 10,")
    + "facts: {team: {type: whole, default: 1}}\n"
)  # fmt: skip
OFFERS: Final = (
    f"stopped: {{on: [{', '.join(NAMES)}], add: photos}}",
    "hello: {on: [third], add: room, placements: [modal], open_for: 90d}",
)
SET: Final = compiled(TEXT, playbook(MOMENTS, OFFERS)).pausing(frozenset({"stopped"}), 7)
"""Of all moments but one the only offer is stopped: each is decided as it fires, and none is held."""


WHAT: Final = (
    *["file.stored"] * 4, *["report.exported"] * 4, *["member.invited"] * 3, *["file.shared"] * 4, "project.deleted",
    *["project.created"] * 4, *["project.blocked"] * 3, *["task.ran"] * 5, *["document.signed"] * 2, "team", "accepted",
)  # fmt: skip
GAPS: Final = (1, 1, 1, 1, 2, 3, 5, 7, 23, 24, 30)


@st.composite
def things(draw: st.DrawFn) -> tuple[int, Happened]:
    """One thing, so many hours after the one before it."""
    gap, what = draw(st.sampled_from(GAPS)), draw(st.sampled_from(WHAT))
    user = draw(st.sampled_from(["ann", "bob"])) if what == "document.signed" else None
    if what == "file.stored":
        return gap * HOUR, Happened(0, what, user, Decimal(draw(st.integers(-40, 60))) / 10)
    return gap * HOUR, Happened(0, what, user, Decimal(draw(st.integers(1, 2))) if what == "team" else Decimal(1))


@st.composite
def stories(draw: st.DrawFn, most: int = 60) -> list[Happened]:
    """Twenty to ``most`` things, an hour or more from each to the next, and as many pages each day at noon."""
    drawn = draw(st.lists(things(), min_size=20, max_size=most))
    told = [
        Happened(at, one.what, one.user, one.amount)
        for at, (_, one) in zip(accumulate(gap for gap, _ in drawn), drawn, strict=True)
    ]
    pages, begins = draw(st.integers(0, 4)), told[0].at
    noons = [day * DAY + 12 * HOUR - MORNING for day in range(45)]
    kept = [Happened(noon + 7 * number + 7, "page.kept") for noon in noons if noon > begins for number in range(pages)]
    return sorted([*told, *kept], key=lambda one: one.at)


def played(story: Sequence[Happened], *, restarts: bool = False) -> Bench:
    """The story as it happens to an engine; with ``restarts`` all that is kept is read back from bytes each time."""
    bench = Bench(SET)
    for one in story:
        bench.wait(T0 + one.at * MINUTE_US - bench.now)
        if restarts:
            restart(bench)
        happen(bench, one)
    bench.wait(T0 + END * MINUTE_US - bench.now)
    return bench


def happen(bench: Bench, one: Happened, account: str = ACME, at: int | None = None) -> None:
    """It is heard of now, and happened ``at`` (microseconds since 1970 UTC; None: now, too)."""
    if one.what == "team":
        bench.tell(AttributeSet, account=account, name="team", value=int(one.amount))
    elif one.what == "file.stored":
        bench.store(str(one.amount), account, at)
    elif one.what == "accepted":
        for made in [event for event in bench.told if isinstance(event, OfferMade) and event.subject == account]:
            bench.respond(made.data.offer.offer_id, "accepted", account=account)
    else:
        bench.use(one.what, account=account, user=one.user, at=at)


def restart(bench: Bench) -> None:
    """All that is kept is read back from bytes."""
    bench.core = Core(SET)
    bench.accounts = {name: _read_back(state, AccountSlice) for name, state in bench.accounts.items()}
    bench.users = {name: _read_back(state, UserSlice) for name, state in bench.users.items()}


def _read_back(state: S, kind: type[S]) -> S:
    return msgspec.msgpack.decode(ENCODER.encode(state), type=kind)


def fired(told: Iterable[Envelope]) -> list[Fired]:
    """All that the core said had fired."""
    found: list[Fired] = []
    for event in told:
        for moment in event.data.moments if isinstance(event, Decided) else ():
            at = (round(moment.happened_at.timestamp() * 1_000_000) - T0) // MINUTE_US
            user = event.data.user if isinstance(event, Decided) and moment.moment == "signed" else None
            step = moment.step if moment.moment in ("full", "busy_day") else None
            found.append((moment.moment, at, user, step))
    return sorted(found, key=lambda one: (one[1], one[0], one[2] or ""))


@given(stories())
@settings(max_examples=120, deadline=None)
def test_each_moment_fires_when_it_must_and_never_twice_for_one_reason(story: list[Happened]) -> None:
    assert fired(played(story).told) == everything(story, END)


@given(stories())
@settings(max_examples=15, deadline=None)
def test_the_same_story_gives_the_same_bytes_also_when_all_is_read_back_each_time(story: list[Happened]) -> None:
    once, again = played(story), played(story, restarts=True)
    assert wire(once.told) == wire(again.told)
    assert once.state() == again.state()


def test_there_is_a_moment_of_every_kind_and_all_of_them_fire() -> None:
    assert {moment.kind for moment in SET.moments.values()} == set(MomentKind)
    told = ["file.stored", "file.stored", *["task.ran"] * 4, *["report.exported"] * 3, "accepted", "team"]
    told += ["document.signed", "document.signed", "member.invited", *["file.shared"] * 3]
    told += [*["project.created"] * 3, "project.blocked", "member.invited", "report.exported"]
    amounts = {"file.stored": Decimal(5), "team": Decimal(2)}
    users = {"document.signed": "ann"}
    story = [
        Happened((n + 1) * HOUR, what, users.get(what), amounts.get(what, Decimal(1))) for n, what in enumerate(told)
    ]
    days = [Happened(day * DAY + 200, "page.kept") for day in range(2, 40)]
    days += [Happened(day * DAY + 260 + n, "report.exported") for day in (20, 21) for n in range(2 * (day - 19))]
    story = sorted([*story, *days], key=lambda one: one.at)
    found = fired(played(story).told)
    assert found == everything(story, END)
    assert {name for name, _, _, _ in found} == set(NAMES)
