"""`python -m services.offer_api`."""

import asyncio
import gc
from typing import Final

from services.kit.clock import SystemClock
from services.kit.process import run
from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, TraceSettings, load
from services.kit.telemetry import logs
from services.offer_api import wiring
from services.offer_api.settings import ApiSettings

GC_EVERY: Final = (5_000, 10, 20)
"""After so many new objects the garbage collector looks at them, after so many looks at those a little older, and after
so many of these at all there are: after a million, where it were 70,000 by itself.

The last takes up to 0.6 s with 5,000 streams open, and nobody is told anything meanwhile.
"""


def main() -> None:
    """Read the settings and serve until told to stop."""
    logs.configure("offer_api")
    gc.freeze()  # what was imported stays, and need not be looked at
    gc.set_threshold(*GC_EVERY)
    settings = wiring.Settings(
        kafka=load(KafkaSettings),
        database=load(DatabaseSettings),
        migrations=load(MigrationSettings),
        api=load(ApiSettings),
        traces=load(TraceSettings),
    )

    async def serve(stop: asyncio.Event) -> None:
        await wiring.run(settings, SystemClock(), stop)

    run("offer_api", serve)


if __name__ == "__main__":
    main()
