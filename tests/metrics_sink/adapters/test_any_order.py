"""Credit and revenue of made-up histories, told in disorder, against a plain recomputation that knows no SQL."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from schemas.outcomes import Change
from services.metrics_sink.adapters.attribution import keep_attribution
from services.metrics_sink.adapters.ledgers import OutcomeLedger
from services.metrics_sink.adapters.views import Conversion, RevenueMonth
from services.metrics_sink.domain.attribution import Attribution, Rule, Touch
from services.metrics_sink.domain.batch import outcome_batch
from services.metrics_sink.domain.rows import FactRow, OutcomeRow, fact_row, outcome_row
from tests.metrics_sink.events import fact, judged
from tests.metrics_sink.telling import seen

if TYPE_CHECKING:
    from services.kit.db.sessions import Database

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 120
TOUCHES = (Change.PRESENTED, Change.CLICKED, Change.ACCEPTED, Change.DISMISSED)
COUNTS = {
    Touch.PRESENTED: set(TOUCHES[:3]),
    Touch.CLICKED: {Change.CLICKED, Change.ACCEPTED},
    Touch.ACCEPTED: {Change.ACCEPTED},
}


class Touched(NamedTuple):
    at: datetime
    offer_id: str
    change: Change
    target: str


class Paid(NamedTuple):
    at: datetime
    fact_id: str
    plan: str
    pays: int
    once: int


class History(NamedTuple):
    touches: dict[str, list[Touched]]
    paid: dict[str, list[Paid]]


def histories(chance: random.Random) -> History:
    """Accounts that are shown offers and change plans, often on the same few days, and never two of a kind at once."""
    touches, paid = defaultdict(list), defaultdict(list)
    for number in range(250):
        account = f"a-{number}"
        for place, day in enumerate(sorted(chance.sample(range(DAYS), chance.randrange(25)))):
            at = BEGIN + timedelta(days=day)
            touched = Touched(at, f"{account}-{place}", chance.choice(TOUCHES), f"plan-{chance.randrange(4)}")
            touches[account].append(touched)
        for place, day in enumerate(sorted(chance.sample(range(DAYS), chance.randrange(5)))):
            pays = chance.randrange(4) * 10
            at, once = BEGIN + timedelta(days=day), chance.choice([0, 0, 7])
            paid[account].append(Paid(at, f"{account}-{place}", f"plan-{pays // 10}", pays, once))
    return History(touches, paid)


def rows(history: History) -> list[OutcomeRow | FactRow]:
    made: list[OutcomeRow | FactRow] = []
    for account, touches in history.touches.items():
        for one in touches:
            said = {"at": one.at, "made_at": one.at, "target": one.target, "offer": one.offer_id}
            made.append(outcome_row(judged(one.offer_id, 2, one.change, account, **said)))
    for account, paid in history.paid.items():
        for place, told in enumerate(paid):
            event = fact(told.fact_id, account, at=told.at, pays=told.pays, once=told.once or None, plan=told.plan)
            made.append(fact_row(event, place))
    return made


def credited(history: History, by: Attribution) -> dict[str, str | None]:
    """By purchase, the offer that has the credit."""
    found = {}
    for account, paid in history.paid.items():
        before, plan = 0, None
        for told in paid:
            if told.plan != plan and told.pays > before:
                may = [
                    one
                    for one in history.touches[account]
                    if one.change in COUNTS[by.touch]
                    and timedelta() <= told.at - one.at <= timedelta(days=by.window_days)
                    and (by.rule is Rule.LAST or one.target == told.plan)
                ]
                found[told.fact_id] = max(may).offer_id if may else None
            before, plan = told.pays, told.plan
    return found


def revenue(history: History) -> dict[date, tuple[int, int, int, int, int, int]]:
    """By month: start, expansion, contraction, churn, end, paid once."""
    touched = [one.at for touches in history.touches.values() for one in touches]
    until = max([*touched, *(told.at for paid in history.paid.values() for told in paid)])
    ends = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, until.month + 2)]
    told = {}
    for begin, end in pairwise(ends):
        both = [(_at(paid, begin), _at(paid, end)) for paid in history.paid.values()]
        told[begin.date()] = (
            sum(a for a, _ in both),
            sum(b - a for a, b in both if 0 < a < b),
            sum(a - b for a, b in both if 0 < b < a),
            sum(a for a, b in both if b == 0),
            sum(b for _, b in both),
            sum(one.once for paid in history.paid.values() for one in paid if begin <= one.at < end),
        )
    return told


def _at(paid: list[Paid], end: datetime) -> int:
    return next((told.pays for told in reversed(paid) if told.at < end), 0)


async def tell_in_disorder(database: Database, history: History, chance: random.Random) -> None:
    """In pieces, in any order; each fact keeps the place that it had in its log."""
    made = rows(history)
    chance.shuffle(made)
    for place in range(0, len(made), 50):
        await OutcomeLedger(database).add(outcome_batch(made[place : place + 50]), 0, place, place + 50)


async def test_credit_is_as_plain_counting_gives_it(database: Database) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    history = histories(chance)
    await tell_in_disorder(database, history, chance)
    told_apart = set()
    for window, touch, rule in product((1, 8, 30), Touch, Rule):
        by = Attribution(window, touch, rule)
        await keep_attribution(database, by)
        found = {row.fact_id: row.offer for row in await seen(database, Conversion)}
        assert found == credited(history, by), by
        told_apart.add(tuple(sorted((name, offer or "") for name, offer in found.items())))
    assert len(told_apart) == 3 * len(Touch) * len(Rule)  # each setting matters


async def test_revenue_is_as_plain_counting_gives_it(database: Database) -> None:
    chance = random.Random(8)  # noqa: S311 - no secret
    history = histories(chance)
    await tell_in_disorder(database, history, chance)
    found = {
        row.month: tuple(map(int, (row.at_start, row.expansion, row.contraction, row.churn, row.at_end, row.once)))
        for row in await seen(database, RevenueMonth)
        if row.of_all
    }
    assert found == revenue(history)
    cohorts: dict[date, Decimal] = defaultdict(Decimal)
    for row in await seen(database, RevenueMonth):
        if not row.of_all:
            cohorts[row.month] += row.at_end
    assert {month: int(paid) for month, paid in cohorts.items()} == {month: told[4] for month, told in found.items()}
