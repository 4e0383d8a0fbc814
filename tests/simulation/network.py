"""A network in which anything can happen to a frame; a seed says what."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from typing_extensions import override

from services.trigger_engine.adapters.simulated.broker import Outdated
from services.trigger_engine.adapters.simulated.network import Network, Request, Unanswered

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from random import Random

T = TypeVar("T")

LATE_S: Final = (0.5, 4.5)
"""How late a frame comes that comes late: before or after its client has given up."""

AT_THE_END: Final = 3
"""The end of a transaction is where a lost or late frame hurts, so so many times as many go astray."""

REPEATED: Final = (Request.INITIALISE, Request.PRODUCE, Request.GROUP)
"""What a client sends again by itself. It must not do that with the begin or the end of a transaction: see the bugs."""


@dataclass(frozen=True)
class Troubles:
    """How likely a frame is lost, answered in vain, late, or carried out twice."""

    lost: float = 0.0
    unheard: float = 0.0
    late: float = 0.0
    twice: float = 0.0


@dataclass
class Call:
    """One request under way."""

    client: str
    request: Request
    answer: asyncio.Future[object]
    carried_out: int = 0
    timer: asyncio.TimerHandle | None = None

    @property
    def given_up(self) -> bool:
        return self.answer.done()


class Weather(Network):
    """``reached`` counts what was seen to happen; ``closed`` ends everything."""

    def __init__(self, rng: Random, latency_s: tuple[float, float], reached: Counter[str]) -> None:
        self._latency_s = latency_s
        self.troubles = Troubles()
        self.closed = False
        self.reached = reached
        self._down_until = 0.0
        self._cut: dict[str, float] = {}
        self._rng = rng
        self._outside = contextvars.copy_context()

    def broker_down(self, until: float) -> None:
        self._down_until = until

    def cut(self, client: str, until: float) -> None:
        self._cut[client] = until

    def heal(self) -> None:
        self.troubles = Troubles()
        self._down_until = 0.0
        self._cut.clear()

    @override
    def begin(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> asyncio.Future[T]:
        if self.closed:
            raise asyncio.CancelledError
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        call = Call(client, request, answer)  # type: ignore[arg-type]  # `_arrive` puts in what `act` returns
        outside = self._outside
        for delay in self._ways(request):
            loop.call_later(delay, self._arrive, call, act, context=outside)
        call.timer = loop.call_later(max(limit_s, 0.0), self._give_up, call, context=outside)
        return answer

    @override
    async def call(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> T:
        return await self.begin(client, request, act, limit_s)

    def _give_up(self, call: Call) -> None:
        if call.answer.done():
            return
        call.answer.set_exception(Unanswered())
        if call.request is Request.END:
            effect = "took effect" if call.carried_out else "did not, or not yet"
            self.reached[f"doubt of an end that {effect}"] += 1

    def _ways(self, request: Request) -> list[float]:
        """After how long each copy of the frame arrives: usually one."""
        rng, troubles = self._rng, self.troubles
        delay = rng.uniform(*self._latency_s)
        fate = rng.random()
        if request is Request.END:
            fate /= AT_THE_END
        if fate < troubles.lost:
            return []
        fate -= troubles.lost
        if fate < troubles.late and request is not Request.FETCH:
            return [rng.uniform(*LATE_S)]
        fate -= troubles.late
        if fate < troubles.twice and request in REPEATED:
            return [delay, delay + rng.uniform(*LATE_S)]
        return [delay]

    def _is_cut(self, client: str) -> bool:
        now = asyncio.get_running_loop().time()
        return self.closed or now < self._down_until or now < self._cut.get(client, 0.0)

    def _arrive(self, call: Call, act: Callable[[], object]) -> None:
        """The frame is at the broker; the answer sets out."""
        if self._is_cut(call.client):
            return
        loop = asyncio.get_running_loop()
        late = call.given_up
        call.carried_out += 1
        try:
            result, error = act(), None
        except Exception as refusal:  # noqa: BLE001 - whatever the broker says goes back to whoever asked
            result, error = None, refusal
        self._note(call, error, late=late)
        unheard = self.troubles.unheard * (AT_THE_END if call.request is Request.END else 1)
        if self._rng.random() >= unheard:
            loop.call_later(self._rng.uniform(*self._latency_s), self._answer, call, result, error)

    def _answer(self, call: Call, result: object, error: Exception | None) -> None:
        if call.given_up or self._is_cut(call.client):
            return
        if call.timer is not None:
            call.timer.cancel()
        if error is None:
            call.answer.set_result(result)
        else:
            call.answer.set_exception(error)

    def _note(self, call: Call, error: Exception | None, *, late: bool) -> None:
        if isinstance(error, Outdated) and call.request in (Request.END, Request.PRODUCE):
            self.reached["fenced in the middle of a commit"] += not late
            self.reached["a late frame of an old epoch was refused"] += late
        elif late and error is None:
            if call.request is Request.END:
                self.reached["a late end took effect"] += 1
            elif call.request is Request.INITIALISE:
                self.reached["a late fence took effect"] += 1
