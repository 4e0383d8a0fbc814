"""`python -m services.probe`."""

import asyncio

from services.kit import process
from services.kit.clock import SystemClock
from services.kit.telemetry import logs
from services.probe import settings, wiring


def main() -> None:
    """Probe until SIGTERM or SIGINT."""
    told = settings.read()
    logs.configure(wiring.SERVICE)

    async def run(stop: asyncio.Event) -> None:
        await wiring.run(told, SystemClock(), stop)

    process.run(wiring.SERVICE, run)


if __name__ == "__main__":
    main()
