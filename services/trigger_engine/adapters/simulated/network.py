"""What carries requests to the broker and answers back."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol, TypeVar

from typing_extensions import override

T = TypeVar("T")


class Request(Enum):
    """Kinds of requests, for a network that treats them differently."""

    INITIALISE = auto()
    ADD = auto()
    PRODUCE = auto()
    END = auto()
    DELETE = auto()
    BOUNDS = auto()
    FETCH = auto()
    CONNECT = auto()
    GROUP = auto()


class Unanswered(Exception):
    """No answer in time. The request may have been carried out, or may be yet, or never."""


class Network(Protocol):
    """One for all clients of one broker."""

    def begin(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> "asyncio.Future[T]":
        """Have the broker carry out ``act``; what it says, or raises, is the result. `Unanswered` after ``limit_s``.

        Nothing may be assumed of the order of requests under way, nor that a request is carried out only once.
        """

    async def call(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> T:
        """As `begin`, and wait for the result."""


class PerfectNetwork(Network):
    """Nothing is lost, and nothing takes time."""

    @override
    def begin(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> "asyncio.Future[T]":
        """Carry out ``act`` now."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            answer.set_result(act())
        except Exception as refusal:  # noqa: BLE001 - whatever the broker says goes back to whoever asked
            answer.set_exception(refusal)
        return answer

    @override
    async def call(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> T:
        """Carry out ``act`` now."""
        await asyncio.sleep(0)
        return await self.begin(client, request, act, limit_s)
