"""One pass: an account is made new, somebody in it earns an offer, and two look for it at once."""

import asyncio
import secrets
from dataclasses import replace
from typing import Final

from services.kit.clock import Clock
from services.probe.domain.passes import Failed, Failure, Pass
from services.probe.ports import Backend, FrontEnd, FrontEnds

SETTLE_S: Final = 1.0
"""After the erasure: several times what the engine takes to commit it, or else the event would wait for that commit."""

FIRST_LOOK_S: Final = 0.025
LONGEST_LOOK_S: Final = 0.25
"""Between two looks whether the offer can be fetched: a tenth of the service level at first, and then more. Who sees it
come down the stream looks at once."""


class Passing:
    """Makes passes. ``within_s``: seconds after which what has not happened has failed."""

    def __init__(self, backend: Backend, front_ends: FrontEnds, clock: Clock, within_s: float) -> None:
        self._backend = backend
        self._front_ends = front_ends
        self._clock = clock
        self._within_s = within_s

    async def make(self, partition: int, account: str) -> Pass:
        """One pass.

        1. erase    the account is as new, and what the last pass left of it is gone, however that ended
        2. listen   the API lets us in, and the stream is open before there is anything to come
        3. ask      the clock runs from just before the event is sent
        4. look     at both doors until each has it, or time is up
        A crash after any step leaves an account that the next pass erases.
        """
        pass_, user = Pass(partition, account), secrets.token_hex(8)
        try:
            await self._backend.erase(account)
            await asyncio.sleep(SETTLE_S)
            async with self._front_ends.of(account, user) as page:
                await page.has_offer()
                async with page.stream() as come:
                    return await self._asked(pass_, user, page, come)
        except Failed as failed:
            return replace(pass_, failed=failed)

    async def _asked(self, pass_: Pass, user: str, page: FrontEnd, come: asyncio.Event) -> Pass:
        began = self._clock.monotonic()
        await self._backend.ask(pass_.account, user)
        pushing = asyncio.create_task(self._pushed(began, come))
        try:
            fetched = await self._fetched(began, page, come)
            pushed = await pushing
        finally:
            pushing.cancel()
        made = replace(pass_, pushed_s=pushed)
        if isinstance(fetched, Failed):
            return replace(made, failed=fetched)
        late = Failed(Failure.NOT_PUSHED, f"not down the stream within {self._within_s:g} s, though it can be fetched")
        return replace(made, fetchable_s=fetched, failed=late if pushed is None else None)

    async def _pushed(self, began: float, come: asyncio.Event) -> float | None:
        try:
            await asyncio.wait_for(come.wait(), self._left(began))
        except TimeoutError:
            return None
        return self._clock.monotonic() - began

    async def _fetched(self, began: float, page: FrontEnd, come: asyncio.Event) -> float | Failed:
        """Seconds until the offer was fetched; or why it was not, by what was seen last."""
        missing = Failed(Failure.NOT_FETCHABLE, f"not fetchable within {self._within_s:g} s")
        failed, pause = missing, FIRST_LOOK_S
        while self._left(began) > 0:
            try:
                if await page.has_offer():
                    return self._clock.monotonic() - began
                failed = missing
            except Failed as fault:  # it may be back in a moment
                failed = fault
            await _either(come, pause)
            pause = min(pause * 1.5, LONGEST_LOOK_S) if not come.is_set() else FIRST_LOOK_S
        return failed

    def _left(self, began: float) -> float:
        return began + self._within_s - self._clock.monotonic()


async def _either(come: asyncio.Event, seconds: float) -> None:
    """Wait until the offer comes down the stream, or so long; when it has come already, so long."""
    if come.is_set():
        await asyncio.sleep(seconds)
        return
    try:
        await asyncio.wait_for(come.wait(), seconds)
    except TimeoutError:
        return
