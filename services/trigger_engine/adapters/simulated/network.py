"""What carries requests to the broker and answers back."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol, TypeVar

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

    async def call(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> T:
        """Have the broker carry out ``act``, and return or raise what it says. Raises `Unanswered` after ``limit_s``.

        Nothing may be assumed of the order of requests under way, nor that a request is carried out only once.
        """


class PerfectNetwork:
    """Nothing is lost, and nothing takes time."""

    async def call(self, client: str, request: Request, act: Callable[[], T], limit_s: float) -> T:  # noqa: ARG002 - it treats all alike
        """Carry out ``act`` now."""
        await asyncio.sleep(0)
        return act()
