"""`python -m services.trigger_engine`."""

import asyncio
import gc
from typing import Final

from services.kit import process
from services.kit.clock import SystemClock
from services.kit.telemetry import logs
from services.trigger_engine import settings, wiring

GC_EVERY: Final = 100_000
"""Objects made between two looks for garbage; each look then costs less than a hundredth of making them."""


def main() -> None:
    """Run the engine until SIGTERM or SIGINT."""
    told = settings.read()
    logs.configure(wiring.SERVICE)
    # state lives long and has no cycles: looking through all of it every 700 objects finds nothing
    gc.set_threshold(GC_EVERY, *gc.get_threshold()[1:])

    async def run(stop: asyncio.Event) -> None:
        await wiring.run(told, SystemClock(), stop)

    process.run(wiring.SERVICE, run)


if __name__ == "__main__":
    main()
