"""What the probe needs of the world, in its own words."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Backend(Protocol):
    """A product's backend: what it tells of an account."""

    async def erase(self, account: str) -> None:
        """Forget ``account``. Returns once the log has it; raises `Failed` when it has not in time."""

    async def ask(self, account: str, user: str) -> None:
        """Let ``user`` do what earns an offer. Returns and raises as `erase`."""


class FrontEnd(Protocol):
    """A page that ``user`` of ``account`` looks at. Waits for as long as it is let."""

    async def has_offer(self) -> bool:
        """Whether the offer can be fetched now. Raises `Failed`."""

    def stream(self) -> AbstractAsyncContextManager[asyncio.Event]:
        """Follow the stream for the block, from when the API has accepted it; set is when the offer has come down it.

        Raises `Failed` when the API does not open it. One that is cut later just brings nothing any more.
        """


class FrontEnds(Protocol):
    """Where front ends come from."""

    def of(self, account: str, user: str) -> AbstractAsyncContextManager[FrontEnd]:
        """The page of ``user``, for the block."""
