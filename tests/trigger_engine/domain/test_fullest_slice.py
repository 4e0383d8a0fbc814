"""A slice stays under 64 KiB, whatever is sent to one account."""

from decimal import Decimal
from random import Random

import msgspec
import pytest

from schemas.facts import (
    AttributeSet,
    OnboardingStarted,
    PlanChanged,
    ProductBought,
    TicketClosed,
    TicketOpened,
)
from services.trigger_engine.domain.inputs import Impossible
from tests.trigger_engine.domain.building import ACME, Bench, D, H, rules
from tests.trigger_engine.domain.stories import GUARDRAILS, MOMENTS, OFFERS, eventful

LARGEST = 64 * 1024
INPUTS = 2_500


@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_inputs_fit_into_a_slice(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a story, not a secret
    bench = Bench(eventful())
    largest = 0
    for number in range(INPUTS):
        try:
            _something(bench, chance, number)
        except Impossible:
            continue
        if number % 100 == 0:
            largest = max(largest, *(len(msgspec.msgpack.encode(state)) for state in _slices(bench)))
    assert 1024 < largest < LARGEST


def test_offers_that_cycle_through_steps_and_plans_fit_into_a_slice() -> None:
    many = GUARDRAILS.replace("at_most: 3, per: 2d", "at_most: 128, per: 52w").replace(
        "at_most: 2, per: 1d", "at_most: 128, per: 52w"
    )
    bench = Bench(rules(MOMENTS, OFFERS, many))
    for number in range(600):
        bench.store(9 if number % 2 else -9)
        bench.wait(26 * H)
    account = bench.account(ACME)
    assert len(account.made) <= 129
    assert len(account.offers) <= 20
    assert len(msgspec.msgpack.encode(account)) < LARGEST


def test_the_longest_names_there_are_fit_into_a_slice() -> None:
    bench = Bench(eventful())
    long = "x" * 240
    for number in range(300):
        for kind, data in (
            (TicketOpened, {"ticket": f"{long}{number}"}),
            (ProductBought, {"product": f"{long}{number}"}),
            (AttributeSet, {"name": f"{long}{number}", "value": "y" * 5_000}),
            (PlanChanged, {"plan": f"{long}{number}"}),
        ):
            try:
                bench.tell(kind, fact_id=f"{long}-{number}", at=bench.now + number, **data)
            except Impossible:
                continue
        bench.tell(OnboardingStarted, user=f"{long}{number}")
    assert max(len(msgspec.msgpack.encode(state)) for state in _slices(bench)) < LARGEST


def _slices(bench: Bench) -> list[object]:
    return [*bench.accounts.values(), *bench.users.values()]


def _something(bench: Bench, chance: Random, number: int) -> None:
    user = chance.choice(["ann", "bob", None])
    match number % 7:
        case 0:
            bench.store(str(Decimal(chance.randint(-900, 1000)) / 100))
        case 1:
            bench.use(chance.choice(["report.exported", "file.shared", "document.signed"]), user=user)
        case 2:
            bench.tell(AttributeSet, name=f"n{chance.randint(0, 400)}", value="v" * chance.randint(0, 100))
        case 3:
            kind = chance.choice([TicketOpened, TicketClosed])
            bench.tell(kind, ticket=str(chance.randint(0, 500)))
        case 4:
            bench.tell(PlanChanged, plan=chance.choice(["free", "plus", "team"]), seats=chance.randint(0, 9))
        case 5:
            for known in list(bench.account(ACME).offers):
                bench.respond(
                    known.offer_id, chance.choice(["presented", "clicked", "accepted", "dismissed", "snoozed"])
                )
        case _:
            bench.wait(chance.randint(0, D))
