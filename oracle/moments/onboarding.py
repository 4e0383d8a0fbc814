"""Onboardings: all first steps done, in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.language.moment import ACCOUNT_CREATED
from oracle.moments import state as kept
from oracle.moments.times import first_from, with_time

if TYPE_CHECKING:
    from oracle.language.moment import Onboarding

STARTED: Final = "started"
COMPLETED: Final = "completed"
ABANDONED: Final = "abandoned"
ALWAYS: Final = -(2**63)

State = kept.Onboarding | kept.OrderedOnboarding


def blank(moment: Onboarding) -> State:
    """What is known before anything has happened."""
    return kept.OrderedOnboarding() if moment.in_order else kept.Onboarding()


def step(moment: Onboarding, state: State, event: str, at: int, created: int | None) -> tuple[State, int | None]:
    """After one of its steps, or its start; and when it was completed, if that completes it."""
    named = (*moment.steps, moment.starts)
    if state.status == COMPLETED or event not in named:
        return state, None
    if isinstance(state, kept.OrderedOnboarding):
        times = {**state.times, event: with_time(state.times.get(event, ()), at, ALWAYS, moment.kept)}
        status, completed = _judged(moment, _counting(moment, times), state.status, created)
        return kept.OrderedOnboarding(times if completed is None else _only_last(moment, completed), status), completed
    done = {name: first for name, first in state.done.items() if name in named}
    done[event] = min(at, done.get(event, at))
    status, completed = _judged(moment, done, state.status, created)
    return kept.Onboarding(done, status), completed


def created(moment: Onboarding, state: State, at: int) -> tuple[State, int | None]:
    """After it became known that the account was created ``at``, with which it may start."""
    if state.status == COMPLETED:
        return state, None
    status, completed = _judged(moment, done_of(moment, state), state.status, at)
    if isinstance(state, kept.OrderedOnboarding):
        times = state.times if completed is None else _only_last(moment, completed)
        return kept.OrderedOnboarding(times, status), completed
    return kept.Onboarding(state.done, status), completed


def _only_last(moment: Onboarding, completed: int) -> dict[str, tuple[int, ...]]:
    """Of one that is completed all that may still be asked is when."""
    return {moment.steps[-1]: (completed,)}


def ended_at(moment: Onboarding, state: State, begun: int | None) -> int | None:
    """When it was over: with its last step, or at its deadline; None when nobody can tell."""
    done = done_of(moment, state)
    if state.status == COMPLETED:
        if isinstance(state, kept.OrderedOnboarding):
            return max((at for times in state.times.values() for at in times), default=None)
        return max((done[name] for name in moment.steps if name in done), default=None)
    start = _start(moment, done, begun)
    if state.status != ABANDONED or start is None or moment.within is None:
        return None
    return start + moment.within


def done_of(moment: Onboarding, state: State) -> dict[str, int]:
    """The steps that count, each by the time it counts with."""
    return _counting(moment, state.times) if isinstance(state, kept.OrderedOnboarding) else state.done


def _counting(moment: Onboarding, times: dict[str, tuple[int, ...]]) -> dict[str, int]:
    """In order: each step by its first time at or after the one before it."""
    done: dict[str, int] = {}
    if moment.starts is not None and times.get(moment.starts):
        done[moment.starts] = times[moment.starts][0]
    earliest = ALWAYS
    for name in moment.steps:
        at = first_from(times.get(name, ()), earliest)
        if at is None:
            break
        done[name] = earliest = at
    return done


def _judged(moment: Onboarding, done: dict[str, int], status: str, begun: int | None) -> tuple[str, int | None]:
    start = _start(moment, done, begun)
    if start is None:
        return status, None
    times = [done[name] for name in moment.steps if name in done]
    if len(times) < len(moment.steps):
        return ABANDONED if status == ABANDONED else STARTED, None
    last = max(start, *times)
    if moment.within is not None and last > start + moment.within:
        return ABANDONED, None
    return COMPLETED, last


def _start(moment: Onboarding, done: dict[str, int], begun: int | None) -> int | None:
    if moment.starts is None:
        return min(done.values(), default=None)
    return begun if moment.starts == ACCOUNT_CREATED else done.get(moment.starts)


def deadline(moment: Onboarding, state: State, begun: int | None) -> int | None:
    """When it counts as abandoned; None when it never will."""
    if moment.within is None or state.status != STARTED:
        return None
    start = _start(moment, done_of(moment, state), begun)
    return None if start is None else start + moment.within


def with_status(state: State, status: str) -> State:
    """The same steps, and where they leave it."""
    if isinstance(state, kept.OrderedOnboarding):
        return kept.OrderedOnboarding(state.times, status)
    return kept.Onboarding(state.done, status)


def settled(state: State, begun: int | None, published: int) -> State:
    """Whoever is older than the moment had their first steps before anybody looked."""
    return with_status(state, COMPLETED) if begun is not None and begun < published else state
