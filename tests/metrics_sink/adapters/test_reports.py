"""The report, from events to values, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from schemas.decisions import Candidate, Reason, Stage
from schemas.outcomes import Change
from services.metrics_sink.adapters.reports import InForce, read_report
from services.metrics_sink.domain.effect import Advice, Because, Figure
from services.metrics_sink.domain.report import Customers, Funnel, Mark, Owning, Segment, Waiting, Withheld
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.too_late import Beyond
from tests.metrics_sink.events import decided, fact, judged, life
from tests.metrics_sink.telling import tell, tell_decisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.decisions import Decided
    from schemas.outcomes import FactAccepted, OfferJudged
    from services.kit.db.sessions import Database
    from services.metrics_sink.domain.report import OfferReport, Report

pytestmark = pytest.mark.postgres

MADE = datetime(2026, 3, 4, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HALF = InForce("USD", Decimal("0.5"), [41])


async def reported(database: Database, held_out: InForce = HALF) -> Report:
    return await read_report(database, MADE + 60 * DAY, held_out)


async def only_offer(database: Database, held_out: InForce = HALF) -> OfferReport:
    (found,) = (await reported(database, held_out)).offers
    return found


def crowd(
    name: str, accounts: int, buying: int, *, held_out: bool, version: int = 41
) -> Iterator[OfferJudged | FactAccepted]:
    """So many accounts, each decided for once, the first of which buy a plan for 10 a month two days later."""
    for number in range(accounts):
        account = f"{name}-{number}"
        changes = (Change.MADE,) if held_out else (Change.MADE, Change.PRESENTED)
        yield from life(f"o-{account}", *changes, account=account, held_out=held_out, version=version)
        if number < buying:
            yield fact(f"plan-{account}", account, at=MADE + 2 * DAY, pays=10, plan="plus")


async def test_of_an_empty_database_nothing_is_said(database: Database) -> None:
    found = await reported(database)
    assert (found.offers, found.months, found.withheld, found.decisions) == ((), (), (), 0)
    assert found.waiting == Waiting(0, 0, None)


async def test_what_an_offer_earned_is_sure_against_those_held_out(database: Database) -> None:
    await tell(database, [*crowd("asked", 300, 120, held_out=False), *crowd("held", 280, 20, held_out=True)])
    found = await only_offer(database)
    conversion, revenue = found.effect.figures[Figure.CONVERSION], found.effect.figures[Figure.REVENUE]
    assert (conversion.treated, conversion.held_out) == (Arm.of_share(300, 120), Arm.of_share(280, 20))
    assert (revenue.treated, revenue.held_out) == (
        Arm(300, Decimal(1_200), Decimal(12_000)),
        Arm(280, Decimal(200), Decimal(2_000)),
    )
    assert (found.effect.advice, found.effect.because) == (Advice.KEEP, Because.EARNS_MORE)
    assert found.funnel == Funnel(made=300, presented=300, clicked=0, accepted=0, dismissed=0, converted=120)
    assert (await reported(database)).segments == (Segment("upsell", "all", "all", 300, 120),)


async def test_a_playbook_is_judged_as_a_whole_by_accounts_counted_once(database: Database) -> None:
    await tell(
        database,
        [
            judged("o-1", 1, Change.MADE, "a"),
            judged("o-2", 1, Change.MADE, "a", offer="gold_plan", made_at=MADE + DAY, at=MADE + DAY),
            judged("o-3", 1, Change.MADE, "b", offer="gold_plan", held_out=True),
            fact("p-1", "a", at=MADE + 2 * DAY, pays=10, plan="plus"),
        ],
    )
    found = await reported(database)
    assert [one.offer for one in found.offers] == ["gold_plan", "team_plan"]
    (whole,) = found.playbooks
    assert whole.playbook == "storage"
    conversion = whole.effect.figures[Figure.CONVERSION]
    assert (conversion.treated, conversion.held_out) == (Arm.of_share(1, 1), Arm.of_share(1, 0))


async def test_an_offer_whose_accounts_all_came_before_is_not_known_yet(database: Database) -> None:
    await tell(database, crowd("before", 5, 1, held_out=False, version=40))
    assert (await only_offer(database)).effect.because is Because.NOT_KNOWN_YET


async def test_a_split_that_is_not_the_one_asked_for_voids_it(database: Database) -> None:
    await tell(database, [*crowd("asked", 300, 120, held_out=False), *crowd("held", 280, 20, held_out=True)])
    found = await only_offer(database, InForce("USD", Decimal("0.05"), [41]))
    assert (found.effect.advice, found.effect.because) == (Advice.WATCH, Because.SPLIT_BROKEN)


async def test_only_accounts_that_came_under_the_same_share_are_compared(database: Database) -> None:
    await tell(
        database,
        [
            *crowd("before", 500, 500, held_out=False, version=40),
            *crowd("asked", 150, 15, held_out=False),
            *crowd("held", 150, 15, held_out=True),
        ],
    )
    found = await only_offer(database)
    assert found.effect.figures[Figure.CONVERSION].treated == Arm.of_share(150, 15)
    assert found.effect.because is Because.NOT_KNOWN_YET
    assert found.funnel.made == 650


async def test_an_account_counts_as_what_it_first_was_and_for_all_that_followed(database: Database) -> None:
    await tell(
        database,
        [
            judged("o-1", 1, Change.MADE, "acme"),
            judged("o-2", 1, Change.MADE, "acme", made_at=MADE + 9 * DAY, at=MADE + 9 * DAY, held_out=True),
            fact("t-0", "acme", "rung.ticket_opened", MADE - DAY, ticket="0"),
            fact("t-1", "acme", "rung.ticket_opened", MADE + DAY, ticket="1"),
            fact("t-2", "acme", "rung.ticket_opened", MADE + 20 * DAY, ticket="2"),
            fact("end", "acme", "rung.account_closed", MADE + 30 * DAY),
        ],
    )
    figures = (await only_offer(database)).effect.figures
    assert figures[Figure.TICKETS].treated == Arm(1, Decimal(2), Decimal(4))
    assert figures[Figure.CHURN].treated == Arm.of_share(1, 1)
    assert all(one.held_out.accounts == 0 for one in figures.values())


async def test_months_have_what_was_kept_of_the_revenue_at_their_start(database: Database) -> None:
    await tell(
        database,
        [
            fact("a-1", "a", at=datetime(2026, 1, 5, tzinfo=UTC), pays=100, plan="plus"),
            fact("b-1", "b", at=datetime(2026, 1, 6, tzinfo=UTC), pays=50, plan="plus"),
            fact("a-2", "a", at=datetime(2026, 2, 7, tzinfo=UTC), pays=180, plan="team"),
            fact("once", "a", "rung.product_bought", datetime(2026, 2, 8, tzinfo=UTC), pays=180, once=30, product="tv"),
            fact("b-2", "b", "rung.account_closed", datetime(2026, 2, 9, tzinfo=UTC), pays=50),
            fact("a-3", "a", "rung.ticket_opened", datetime(2026, 3, 2, tzinfo=UTC), ticket="1", pays=180),
        ],
    )
    found = await reported(database)
    january, february, march = found.months
    assert (january.month, january.mark, january.over) == (date(2026, 1, 1), Mark.UNKNOWN, True)
    assert (february.retention.start, february.retention.expansion) == (Decimal(150), Decimal(80))
    assert (february.retention.contraction, february.retention.churn) == (Decimal(0), Decimal(50))
    assert february.retention.net == Decimal(180) / 150
    assert february.mark is Mark.GROWING
    assert not march.over
    assert [january.once, february.once, march.once] == [Decimal(0), Decimal(30), Decimal(0)]
    assert found.waiting == Waiting(accounts=2, still_waiting=1, median_days=33)
    assert found.customers == Customers(
        accounts=2,
        per_customer=Decimal(180 + 30),
        expansion_share=round(Decimal(80) / (180 + 30), 20),
        lifetime_value=Decimal(100 + 50 + 180 + 30) / 2,
        products=Decimal("0.5"),
        once=Decimal(30),
    )
    assert found.owning == (Owning(products=0, accounts=2, retained=1),)


async def test_the_reason_that_blocks_most_comes_first_with_the_offer_it_meets(database: Database) -> None:
    def withheld(reason: Reason, offer: str, number: int) -> Decided:
        candidate = Candidate(offer=offer, moment="storage_full", stage=Stage.WITHIN_BOUNDS, reason=reason)
        return decided(f"d-{reason}-{offer}-{number}", reason, f"account-{number % 2}", candidates=(candidate,))

    await tell_decisions(
        database,
        [
            *[withheld(Reason.CAPPED, "more_storage", number) for number in range(3)],
            withheld(Reason.CAPPED, "team_plan", 3),
            withheld(Reason.OPEN_TICKET, "team_plan", 4),
            decided("d-none", Reason.NO_OFFER, candidates=()),
            decided("d-made"),
        ],
    )
    found = await reported(database)
    assert found.decisions == 7
    assert found.withheld == (
        Withheld(Reason.CAPPED, 4, 2, "more_storage"),
        Withheld(Reason.NO_OFFER, 1, 1, None),
        Withheld(Reason.OPEN_TICKET, 1, 1, "team_plan"),
    )


async def test_who_came_far_enough_and_never_saw_an_offer_is_told_with_how_far_it_is(database: Database) -> None:
    """S57: beyond what ``not_before`` of the set in force asks, and not only for how long."""
    capped = Candidate(offer="team_plan", moment="storage_full", stage=Stage.WITHIN_BOUNDS, reason=Reason.CAPPED)
    await tell_decisions(
        database,
        [
            decided(
                f"d-{account}",
                Reason.CAPPED,
                account,
                candidates=(capped,),
                meters={"exports": Decimal(exports)},
                at=MADE,
            )
            for account, exports in (("near", 3), ("far", 14))
        ],
    )
    await tell(database, [fact("else", "else", at=MADE + 5 * DAY, pays=10, plan="plus")])
    found = (await reported(database, replace(HALF, not_before={"team_plan": {"exports": Decimal(2)}}))).too_late
    assert (found.accounts, found.far) == (2, 1)
    assert [(one.account, one.waited, one.most_often, one.beyond) for one in found.furthest] == [
        ("far", 5 * DAY, "capped", Beyond("exports", Decimal(14), Decimal(2))),
        ("near", 5 * DAY, "capped", Beyond("exports", Decimal(3), Decimal(2))),
    ]


async def test_how_many_questions_are_answered_is_told_as_they_are(database: Database) -> None:
    told: list[tuple[int, int]] = []
    await read_report(database, MADE, HALF, progress=lambda done, of: told.append((done, of)))
    assert told == [(number, len(told)) for number in range(1, len(told) + 1)]


async def test_a_question_that_fails_ends_the_report_with_its_own_fault(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("drop view conversion_by_segment"))
    with pytest.raises(ProgrammingError, match="conversion_by_segment"):
        await reported(database)
