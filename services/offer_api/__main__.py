"""`python -m services.offer_api`."""

import asyncio

from services.kit.clock import SystemClock
from services.kit.process import run
from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, load
from services.kit.telemetry import logs
from services.offer_api import wiring
from services.offer_api.settings import ApiSettings


def main() -> None:
    """Read the settings and serve until told to stop."""
    logs.configure("offer_api")
    settings = wiring.Settings(
        kafka=load(KafkaSettings),
        database=load(DatabaseSettings),
        migrations=load(MigrationSettings),
        api=load(ApiSettings),
    )

    async def serve(stop: asyncio.Event) -> None:
        await wiring.run(settings, SystemClock(), stop)

    run("offer_api", serve)


if __name__ == "__main__":
    main()
