"""What tests of held moments have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from schemas.decisions import Decided, Decision
from schemas.facts import (
    AttributeSet,
    TicketOpened,
)
from tests.trigger_engine.domain.building import (
    FULL,
    Bench,
)
from tests.trigger_engine.domain.deciding.judging import bound, known

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from services.trigger_engine.domain.account import Held

QUIET = "{quiet_when: [{onboarding: 1h}, {open_ticket: 2h}, {payment_failed: 1h}, {cancelling: 1h}, sick]}"
SICK = "segments:\n  sick: account.health < 50\n"


def decisions(events: list[Envelope]) -> list[Decision]:
    return [event.data for event in events if isinstance(event, Decided)]


def healthy(bench: Bench, value: int = 90) -> list[Envelope]:
    return bench.tell(AttributeSet, name="health", value=Decimal(value))


def waiting(bench: Bench) -> list[Held]:
    found: list[Held] = known(bench).held
    return found


def capped_limit() -> Bench:
    bench = Bench(bound([FULL], ["o: {on: [storage_full], add: photos}"], "{quiet_when: [open_ticket]}"))
    bench.tell(TicketOpened, ticket="1")
    bench.store(8)
    return bench
