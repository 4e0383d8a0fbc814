"""Figures asked of the view ``offer_funnel``."""

from sqlalchemy import BigInteger, column, func, select, table

from services.kit.db.sessions import Database
from services.metrics_sink.domain.funnel import FunnelStage

_FUNNEL = table("offer_funnel", *(column(stage.value, BigInteger) for stage in FunnelStage))


class FunnelFigures:
    """The funnel of all playbooks together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def funnel(self) -> dict[FunnelStage, int]:
        """Offers that reached each stage."""
        sums = [func.coalesce(func.sum(_FUNNEL.c[stage.value]), 0) for stage in FunnelStage]
        async with self._database.reading() as session:
            found = (await session.execute(select(*sums))).one()
        return {stage: int(count) for stage, count in zip(FunnelStage, found, strict=True)}
