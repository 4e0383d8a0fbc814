"""`python -m services.metrics_sink`."""

import asyncio
import gc
from typing import Final

from services.kit import process
from services.kit.clock import SystemClock
from services.kit.telemetry import logs
from services.metrics_sink import settings, wiring

GC_EVERY: Final = (50_000, 10, 20)
"""After so many new objects the garbage collector looks at them, where it were 700 by itself. They are rows of batches,
in no cycle, and looking at them over and over took a fifth of the CPU.
"""


def main() -> None:
    """Run the sink until SIGTERM or SIGINT."""
    gc.freeze()  # what was imported stays, and need not be looked at
    gc.set_threshold(*GC_EVERY)
    told = settings.read()
    logs.configure(wiring.SERVICE)

    async def run(stop: asyncio.Event) -> None:
        await wiring.run(told, SystemClock(), stop)

    process.run(wiring.SERVICE, run)


if __name__ == "__main__":
    main()
