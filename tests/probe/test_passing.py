"""One pass by itself: each part of the flow that fails is told by its name."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from services.kit.clock import SystemClock
from services.kit.kafka.partitioning import partition_of
from services.probe.domain.passes import Failed, Failure
from services.probe.runtime.accounts import accounts_of
from services.probe.runtime.passing import Passing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.probe.ports import FrontEnd

WITHIN_S = 0.4


@dataclass
class Flow:
    """A flow in memory: both ports of the probe, which can be told to fail."""

    fails: dict[str, Failure] = field(default_factory=dict)
    """By the step that fails: erase, ask, let_in, look, stream."""

    fetchable: bool = True
    pushed: bool = True
    steps: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    come: asyncio.Event = field(default_factory=asyncio.Event)

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if name in self.fails:
            raise Failed(self.fails[name], f"{name} was told to fail")

    async def erase(self, account: str) -> None:
        del account
        self._step("erase")

    async def ask(self, account: str, user: str) -> None:
        del account
        self._step("ask")
        self.users.append(user)
        if self.pushed:
            self.come.set()

    @asynccontextmanager
    async def of(self, account: str, user: str) -> AsyncIterator[FrontEnd]:
        del account, user
        yield self

    async def has_offer(self) -> bool:
        asked = "ask" in self.steps
        self._step("look" if asked else "let_in")
        return asked and self.fetchable

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[asyncio.Event]:
        self._step("stream")
        yield self.come


def passing(flow: Flow) -> Passing:
    return Passing(flow, flow, SystemClock(), WITHIN_S)


async def test_a_pass_erases_lets_itself_in_listens_and_then_asks() -> None:
    flow = Flow()
    made = await passing(flow).make(3, "rung-probe:t:1")
    assert flow.steps[:4] == ["erase", "let_in", "stream", "ask"]
    assert made.failed is None
    assert made.partition == 3
    assert made.fetchable_s is not None
    assert made.pushed_s is not None
    assert max(made.fetchable_s, made.pushed_s) < WITHIN_S


async def test_each_pass_is_of_another_user() -> None:
    flow = Flow()
    for _ in range(2):
        await passing(flow).make(0, "rung-probe:t:1")
    assert len(set(flow.users)) == 2


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        ("erase", Failure.NOT_PRODUCED),
        ("ask", Failure.NOT_PRODUCED),
        ("let_in", Failure.REFUSED),
        ("let_in", Failure.UNREACHABLE),
        ("stream", Failure.REFUSED),
        ("look", Failure.UNREACHABLE),
    ],
)
async def test_the_part_that_fails_is_the_reason(step: str, failure: Failure) -> None:
    made = await passing(Flow(fails={step: failure})).make(0, "rung-probe:t:1")
    assert made.failed is not None
    assert made.failed.failure is failure
    assert made.fetchable_s is None


@pytest.mark.parametrize(
    ("fetchable", "pushed", "failure"),
    [
        (False, False, Failure.NOT_FETCHABLE),
        (False, True, Failure.NOT_FETCHABLE),
        (True, False, Failure.NOT_PUSHED),
    ],
)
async def test_what_is_not_there_in_time_has_failed(*, fetchable: bool, pushed: bool, failure: Failure) -> None:
    made = await passing(Flow(fetchable=fetchable, pushed=pushed)).make(0, "rung-probe:t:1")
    assert made.failed is not None
    assert made.failed.failure is failure
    assert (made.fetchable_s is not None, made.pushed_s is not None) == (fetchable, pushed)


def test_there_is_one_account_of_each_partition_and_the_same_at_every_start() -> None:
    accounts = accounts_of("main", 12)
    assert [partition_of(account, 12) for account in accounts] == list(range(12))
    assert accounts_of("main", 12) == accounts
    assert not set(accounts) & set(accounts_of("by-hand", 12))
