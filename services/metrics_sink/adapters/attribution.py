"""How credit is given, as the views read it: one row, which the settings overwrite when the sink starts."""

from sqlalchemy import update

from services.kit.db.sessions import Database
from services.metrics_sink.adapters.tables import ATTRIBUTION
from services.metrics_sink.domain.attribution import Attribution


async def keep_attribution(database: Database, said: Attribution) -> None:
    """All conversions are credited by ``said`` from now on, those of the past too. Raises `DatabaseAway`."""
    values = {"window_days": said.window_days, "touch": said.touch.value, "rule": said.rule.value}
    async with database.writing() as session:
        await session.execute(update(ATTRIBUTION).values(values))
