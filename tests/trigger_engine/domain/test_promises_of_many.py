"""What moments promise also holds for several accounts at once, and when usage arrives late and in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trigger_engine.domain.building import T0, Bench, wire
from tests.trigger_engine.domain.reference.whole import HOUR, Happened, everything
from tests.trigger_engine.domain.test_promises import END, MINUTE_US, SET, fired, happen, restart, stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.envelope import Envelope
    from tests.trigger_engine.domain.reference.whole import Fired

ACCOUNTS: Final = ("acme", "bolt", "cask")
LATENESS: Final = 80 * HOUR
"""Longer than a day, a window that rolls, and the time that there is for the onboarding."""

WHATEVER_THE_ORDER: Final = ("third", "signed", "onboarded", "busy_day")
"""Milestones and limits on meters that only grow, and an onboarding in any order."""

USAGE: Final = (*["task.ran"] * 4, "report.exported", "document.signed", "member.invited", "file.shared")
BY_ONESELF: Final = ("team", "accepted")
"""A fact and a response: these come when they come, and the order of usage is told between them."""


class Arrival(NamedTuple):
    """One thing, and when it is heard of, in minutes."""

    at: int
    account: str
    one: Happened


@st.composite
def crowds(draw: st.DrawFn, most_late: int = 0) -> list[Arrival]:
    """A story of each account, usage up to so many minutes late."""
    late = st.integers(0, most_late)
    arrivals = [
        Arrival(one.at + (0 if one.what in BY_ONESELF else draw(late)), account, one)
        for account in ACCOUNTS[: draw(st.integers(2, len(ACCOUNTS)))]
        for one in draw(stories(most=25))
    ]
    return sorted(arrivals, key=lambda arrival: (arrival.at, arrival.account, arrival.one.at))


@st.composite
def busy(draw: st.DrawFn) -> list[Arrival]:
    """Two accounts with busy days, of which all that is told may be late, and in any order."""
    arrivals: list[Arrival] = []
    for account in ACCOUNTS[:2]:
        at = 0
        for what in draw(st.lists(st.sampled_from(USAGE), min_size=20, max_size=30)):
            at += draw(st.sampled_from([1, 1, 2, 3, 9])) * HOUR
            user = draw(st.sampled_from(["ann", "bob"])) if what == "document.signed" else None
            arrivals.append(
                Arrival(at + draw(st.sampled_from([0, 5, 30, 79])) * HOUR, account, Happened(at, what, user))
            )
    return sorted(arrivals, key=lambda arrival: (arrival.at, arrival.account, arrival.one.at))


def played(arrivals: Sequence[Arrival], *, restarts: bool = False) -> Bench:
    """All of it as it arrives at one engine; usage from before the lateness can not come any more."""
    bench = Bench(SET)
    for arrival in arrivals:
        bench.wait(T0 + arrival.at * MINUTE_US - bench.now)
        bench.floor = bench.now - LATENESS * MINUTE_US
        if restarts:
            restart(bench)
        happen(bench, arrival.one, arrival.account, T0 + arrival.one.at * MINUTE_US)
    bench.wait(T0 + (END + LATENESS) * MINUTE_US - bench.now)
    return bench


def of(account: str, bench: Bench) -> list[Envelope]:
    return [event for event in bench.told if event.subject == account]


def by_accounts(arrivals: Sequence[Arrival]) -> dict[str, list[Happened]]:
    """Of each account what happened, in the order in which it did."""
    found: dict[str, list[Happened]] = {}
    for arrival in sorted(arrivals, key=lambda arrival: arrival.one.at):
        found.setdefault(arrival.account, []).append(arrival.one)
    return found


def whatever_the_order(found: Sequence[Fired]) -> list[tuple[str, str, str]]:
    """What fired, without when."""
    return sorted((name, user or "", str(step)) for name, _, user, step in found if name in WHATEVER_THE_ORDER)


@given(crowds())
@settings(max_examples=25, deadline=None)
def test_each_account_of_many_fires_when_it_must(arrivals: list[Arrival]) -> None:
    bench = played(arrivals)
    for account, story in by_accounts(arrivals).items():
        assert [one for one in fired(of(account, bench)) if one[1] <= END] == everything(story, END)


@given(busy())
@settings(max_examples=40, deadline=None)
def test_late_usage_passes_the_steps_that_it_would_have_passed_in_order(arrivals: list[Arrival]) -> None:
    bench = played(arrivals)
    for account, story in by_accounts(arrivals).items():
        assert whatever_the_order(fired(of(account, bench))) == whatever_the_order(everything(story, END))


@given(crowds(most_late=LATENESS - 1))
@settings(max_examples=15, deadline=None)
def test_the_same_arrivals_give_the_same_bytes_with_others_or_alone_also_when_all_is_read_back(
    arrivals: list[Arrival],
) -> None:
    once, again = played(arrivals), played(arrivals, restarts=True)
    assert wire(once.told) == wire(again.told)
    assert once.state() == again.state()
    for account in by_accounts(arrivals):
        alone = played([arrival for arrival in arrivals if arrival.account == account])
        assert [event.id for event in of(account, once)] == [event.id for event in alone.told]
