"""What accounts did about a guarded offer, on a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from schemas.outcomes import Change
from services.metrics_sink.adapters.effects import arms_of_offers, tickets_of_offer
from services.metrics_sink.adapters.guards import OfferReactions
from services.metrics_sink.domain.effect import Figure
from services.metrics_sink.domain.guard import Guard, Reaction
from services.metrics_sink.domain.sets import InForce
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.sample_ratio import Split
from tests.metrics_sink.events import AT, fact, life
from tests.metrics_sink.telling import tell

if TYPE_CHECKING:
    from schemas.outcomes import FactAccepted, OfferJudged
    from services.kit.db.sessions import Database

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)
MADE, SEEN, NO = Change.MADE, Change.PRESENTED, Change.DISMISSED
HALF = Decimal("0.5")
FORCE = InForce(43, "files", {"team_plan": Guard(1, HALF, Decimal(1))}, {41: HALF, 43: HALF})


async def test_accounts_count_once_and_those_held_out_on_the_other_side(database: Database) -> None:
    await tell(
        database,
        [
            *life("o-1", MADE, SEEN, NO, account="a", version=41),
            *life("o-2", MADE, SEEN, NO, account="a", version=43),
            *life("o-3", MADE, SEEN, account="b", version=43),
            *life("o-4", MADE, account="c", version=43),
            *life("o-5", MADE, account="d", version=43, held_out=True),
            *life("o-6", MADE, SEEN, NO, account="e", version=43, offer="gold_plan"),
            fact("t-1", "b", "rung.ticket_opened", AT + timedelta(days=1), ticket="1"),
            fact("t-2", "d", "rung.ticket_opened", AT + timedelta(days=1), ticket="2"),
        ],
    )
    assert await OfferReactions(database).of("team_plan", FORCE) == Reaction(
        seen=2,
        dismissed=1,
        tickets=(Arm.of_share(3, 1), Arm.of_share(1, 1)),
        split=Split(4, 1, Fraction(1, 2)),
    )


async def test_guards_see_the_tickets_that_the_report_tells(database: Database) -> None:
    """By another way, which works out nothing else: also of accounts that came before, closed, or had several."""
    events: list[OfferJudged | FactAccepted] = []
    for number in range(40):
        account, held_out, version = f"a-{number}", number % 4 == 0, 41 if number % 5 == 0 else 43
        said = {"account": account, "held_out": held_out, "version": version}
        events += life(f"o-{number}", MADE, SEEN, **said)
        events += life(f"later-{number}", MADE, **{**said, "held_out": not held_out, "made_at": AT + DAY})
        events += life(f"gold-{number}", MADE, **{**said, "offer": "gold_plan", "made_at": AT - DAY})
        events += [
            fact(f"{ticket}-{number}", account, "rung.ticket_opened", AT + (ticket - 1) * DAY, ticket=str(ticket))
            for ticket in range(number % 7)
        ]
        if number % 6 == 0:
            events.append(fact(f"end-{number}", account, "rung.account_closed", AT + 2 * DAY))
    await tell(database, events)
    async with database.reading() as session:
        arms = await arms_of_offers(session, [43])
        guarded = await tickets_of_offer(session, "team_plan", [43])
    assert guarded == arms["storage", "team_plan"].figures[Figure.TICKETS]
    assert [arm.accounts for arm in guarded] == [24, 8]
    assert all(arm.squares > arm.total > 0 for arm in guarded)


async def test_an_offer_that_goes_on_is_judged_by_what_came_since(database: Database) -> None:
    await tell(
        database,
        [
            *life("o-1", MADE, SEEN, NO, account="a", version=41),
            *life("o-2", MADE, SEEN, account="b", version=43),
        ],
    )
    since = InForce(43, "files", FORCE.guards, FORCE.shares, judged_from={"team_plan": 42})
    found = await OfferReactions(database).of("team_plan", since)
    assert (found.seen, found.dismissed, found.split.accounts) == (1, 0, 1)


async def test_tickets_are_not_counted_where_no_guard_asks_for_them(database: Database) -> None:
    await tell(database, life("o-1", MADE, SEEN, account="a", version=43))
    plain = InForce(43, "files", {"team_plan": Guard(1, HALF)}, FORCE.shares)
    assert (await OfferReactions(database).of("team_plan", plain)).split.accounts == 0


async def test_of_an_offer_that_nobody_had_nothing_is_known(database: Database) -> None:
    found = await OfferReactions(database).of("team_plan", FORCE)
    assert (found.seen, found.dismissed, found.split) == (0, 0, Split(0, 0, Fraction(1, 2)))
