"""Take responses: check them, keep them, and make the next look right."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from fastapi.exceptions import RequestValidationError

from schemas.responses import Responded, ResponseData, ResponseKind
from services.kit.clock import US_PER_MS, US_PER_S, Clock, to_datetime, to_us
from services.kit.db.faults import DatabaseAway
from services.kit.telemetry.logs import traced
from services.kit.telemetry.traces import UNTOLD, Traces
from services.offer_api.domain.row import OfferRow
from services.offer_api.domain.shown import Viewer, state_at
from services.offer_api.domain.state import OVER, State
from services.offer_api.metrics import PRESENT, Metrics, Refused
from services.offer_api.ports import Bearer, Folding, LogUnavailable, Offers, ResponseLog
from services.offer_api.web.faults import NotYours, OffersOver
from services.offer_api.web.models import ReceiptOut, ResponseIn
from services.offer_api.web.users import own_user

log = structlog.get_logger()

SOURCE: Final = "rung.offer_api"

AHEAD: Final = timedelta(minutes=5)
"""How far a front end's clock may be ahead; the engine refuses what is further."""


class TakeResponses:
    """Takes what a front end reports of one account's offers, all of a request or none of it."""

    def __init__(
        self,
        offers: Offers,
        folding: Folding,
        responses: ResponseLog,
        clock: Clock,
        metrics: Metrics,
        traces: Traces = UNTOLD,
    ) -> None:
        self._offers = offers
        self._folding = folding
        self._responses = responses
        self._clock = clock
        self._metrics = metrics
        self._traces = traces

    async def __call__(self, bearer: Bearer, given: Sequence[ResponseIn]) -> ReceiptOut:
        """Keep ``given``; raises `NotYours`, `OffersOver`, `LogUnavailable`, ``DatabaseAway``.

        1. read the rows      no lock: the engine judges, this only spares front ends and log what is clear already
        2. send               crash before the answer: the front end tries again, with the same ids
        3. note on the rows   crash: the next look is right once the engine has spoken
        No database transaction is open during 2.
        """
        now = to_datetime(self._clock.now_us())
        responses = [_event(bearer, response, number, now) for number, response in enumerate(given)]
        rows = await self._offers.find(bearer.account, {response.data.offer for response in responses})
        new = self._checked(bearer, responses, rows, now)
        if new:
            await self._send(new)
            await self._note(bearer.account, new)
            self._time_presented(new, rows, now)
        return ReceiptOut(accepted=tuple(response.id for response in given))

    def _checked(
        self, bearer: Bearer, responses: Sequence[Responded], rows: Mapping[str, OfferRow], now: datetime
    ) -> list[Responded]:
        """Those that were not taken before."""
        over: list[dict[str, str]] = []
        new: list[Responded] = []
        for response in responses:
            row = rows.get(response.data.offer)
            if row is None or not Viewer(response.subject, response.data.user, staff=bearer.staff).may_see(row):
                self._metrics.refused.labels(Refused.UNKNOWN).inc()
                raise NotYours
            if response.id in row.taken:
                continue
            if (state := state_at(row, now)) in OVER:
                over.append({"id": response.id, "offer": response.data.offer, "state": state.value})
            new.append(response)
        if over:
            self._metrics.refused.labels(Refused.OVER).inc(len(over))
            raise OffersOver(over)
        return new

    async def _send(self, responses: Sequence[Responded]) -> None:
        try:
            await self._responses.send(responses)
        except LogUnavailable as away:
            self._metrics.refused.labels(Refused.LOG_AWAY).inc(len(responses))
            log.warning("responses refused", why=str(away), responses=len(responses))
            raise
        for response in responses:
            self._metrics.taken.labels(response.data.response.value).inc()

    def _time_presented(self, responses: Sequence[Responded], rows: Mapping[str, OfferRow], now: datetime) -> None:
        for response in responses:
            row = rows[response.data.offer]
            if response.data.response is ResponseKind.PRESENTED and row.state is State.OPEN and row.report is None:
                self._presented(row, to_us(now))

    def _presented(self, row: OfferRow, now_us: int) -> None:
        way = row.way
        earned_us = to_us(row.offer.made_at) if way.produced_ms is None else way.produced_ms * US_PER_MS
        self._metrics.presented((now_us - earned_us) / US_PER_S, way.trace)
        if way.trace is not None:
            self._traces.begin(PRESENT, way.trace, now_us, {}).end(self._clock.now_us())
            log.info("presented", account=row.account, **traced(way.trace), offset=row.offset)

    async def _note(self, account: str, responses: Sequence[Responded]) -> None:
        try:
            await self._folding.report(account, responses)
        except DatabaseAway as away:
            # kept already, so it is acknowledged: the engine's word will put the row right
            self._metrics.report_lost.inc(len(responses))
            log.warning("row not noted", why=away.why, responses=len(responses))


def _event(bearer: Bearer, response: ResponseIn, number: int, now: datetime) -> Responded:
    at = response.time or now
    if at > now + AHEAD:
        raise RequestValidationError([{"loc": ("body", number, "time"), "msg": "lies in the future", "type": "time"}])
    return Responded(
        id=response.id,
        source=SOURCE,
        subject=bearer.account,
        time=at,
        data=ResponseData(
            offer=response.offer,
            response=response.response,
            user=own_user(bearer, response.user),
            placement=response.placement,
            option=response.option,
        ),
    )
