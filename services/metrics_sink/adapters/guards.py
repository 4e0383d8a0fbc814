"""Guarded offers: what accounts did about them, from PostgreSQL; which there are, and word that one stops, on Kafka."""

from fractions import Fraction
from typing import Final

import structlog
from sqlalchemy import text

from schemas.codec import Headers, UnreadableEvent, decode_playbook
from schemas.playbooks import OfferPaused, Switch
from schemas.topics import PLAYBOOKS
from services.kit.clock import Clock, to_datetime
from services.kit.db.sessions import Database
from services.kit.kafka.reader import Log, Reader
from services.kit.kafka.sender import Sender
from services.metrics_sink.adapters.effects import NOBODY, tickets_of_offer
from services.metrics_sink.domain.guard import Reaction
from services.metrics_sink.domain.sets import InForce, following
from services.metrics_sink.domain.statistics.sample_ratio import Split

log = structlog.get_logger()

WHO: Final = "metrics_sink"
SOURCE: Final = "rung.metrics_sink"
READ_MS: Final = 500

_SEEN: Final = text("""
select
    count(distinct account) filter (where change in ('presented', 'dismissed')) as seen,
    count(distinct account) filter (where change = 'dismissed') as dismissed
from outcomes
where offer_id in (
    select offer_id from outcomes
    where offer = :offer and change = 'made' and not held_out and version >= :judged_from
)
""")


class SetLog:
    """`Sets` on the log of sets: read from its beginning, and from where it was read to."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._bootstrap = bootstrap
        self._log = Log(PLAYBOOKS.under(prefix), 0)
        self._read_to = 0
        self._in_force: InForce | None = None

    async def in_force(self) -> InForce | None:
        """What all records that lie there now put in force."""
        async with Reader(self._bootstrap, f"{WHO}-sets") as reader:
            end = (await reader.ends([self._log]))[self._log]
            if self._read_to < end:
                reader.assign({self._log: self._read_to})
            while self._read_to < end:
                for record in (await reader.read(READ_MS)).get(self._log, []):
                    self._take(record.value, record.headers, record.offset)
                self._read_to = reader.position(self._log) or self._read_to
        return self._in_force

    def _take(self, value: bytes | None, headers: Headers, offset: int) -> None:
        try:
            self._in_force = following(self._in_force, decode_playbook(value, headers), offset)
        except UnreadableEvent as fault:  # no engine takes it either
            log.warning("a record of the log of sets is passed over", offset=offset, why=fault.detail)


class OfferReactions:
    """`Reactions` of accounts in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, offer: str, in_force: InForce) -> Reaction:
        """Since it is judged; tickets, where its guard asks for them, of accounts under the share held out now."""
        guard = in_force.guards[offer]
        judged_from = in_force.judged_from.get(offer, 0)
        async with self._database.reading() as session:
            seen = (await session.execute(_SEEN, {"offer": offer, "judged_from": judged_from})).one()
            treated = held_out = NOBODY
            if guard.tickets is not None and seen.seen >= guard.after:
                treated, held_out = await tickets_of_offer(session, offer, in_force.compared(offer))
        share = Fraction(in_force.shares[in_force.version])
        split = Split(treated.accounts + held_out.accounts, held_out.accounts, share)
        return Reaction(seen.seen, seen.dismissed, (treated, held_out), split)


class PlaybookPauses:
    """`Pauses` on the log of sets."""

    def __init__(self, bootstrap: str, prefix: str, clock: Clock) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._clock = clock

    async def pause(self, offer: str, why: str, in_force: InForce) -> None:
        """One record, whose id is that of the offer and of the version that it was judged under."""
        event = OfferPaused(
            id=f"guard/v1/{in_force.version}/{offer}",
            source=SOURCE,
            subject=in_force.product,
            time=to_datetime(self._clock.now_us()),
            data=Switch(offer=offer, by=WHO, why=why),
        )
        async with Sender(self._bootstrap, self._prefix, f"{WHO}-guards") as sender:
            await sender.send(PLAYBOOKS, event)
