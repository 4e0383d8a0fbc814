"""A slice stays under 64 KiB, whatever is sent to one account."""

from decimal import Decimal
from random import Random

import pytest

from schemas.facts import (
    AttributeSet,
    OnboardingStarted,
    PlanChanged,
    ProductBought,
    TicketClosed,
    TicketOpened,
)
from services.trigger_engine.domain.bounds import Bound, stored
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.packing import ENCODER
from services.trigger_engine.domain.playbook.rooms import ROOM_BYTES
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.watching.scene import FORMER_BYTES
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H, S, rules
from tests.trigger_engine.domain.crowded import ANN, crowded, crowded_user
from tests.trigger_engine.domain.stories import GUARDRAILS, MOMENTS, OFFERS, eventful

LARGEST = 64 * 1024
INPUTS = 2_500
BOUNDS_OF_A_USER = {
    Bound.WINDOW_ROUNDED, Bound.VALUES_ESTIMATED, Bound.WINDOW_CLOSED, Bound.DAYS_MERGED, Bound.TIMES_DROPPED,
    Bound.FORMER_FORGOTTEN,
}  # fmt: skip


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
            largest = max(largest, *(len(ENCODER.encode(state)) for state in _slices(bench)))
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
    assert len(ENCODER.encode(account)) < LARGEST


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
    assert max(len(ENCODER.encode(state)) for state in _slices(bench)) < LARGEST


def test_every_list_is_full_at_once_and_all_of_it_fits_into_a_slice() -> None:
    bench = crowded()
    account, user = bench.account(ACME), bench.user(ACME, ANN)
    assert set(bench.bounds) == set(Bound)
    assert (len(account.open_offers()), len(account.held), len(account.closed)) == (24, 16, 64)
    room = stored([account.meters, account.counted, account.moments])
    assert 8 * 1024 < room < ROOM_BYTES
    assert stored(account) < LARGEST
    assert stored(account) - room + ROOM_BYTES < LARGEST, "nor would it with all the room that a set can ask for"
    assert 1024 < stored(user) < LARGEST


def test_every_list_of_a_user_is_full_at_once_and_all_of_it_fits_into_a_slice() -> None:
    bench = crowded_user()
    user = bench.user(ACME, ANN)
    assert set(bench.bounds) == BOUNDS_OF_A_USER
    room = stored([user.meters, user.counted, user.moments])
    assert 16 * 1024 < room < ROOM_BYTES
    assert 9 * 1024 < stored(user.facts) < 10 * 1024
    assert stored(user) - room + ROOM_BYTES < LARGEST, "nor would it with all the room that a set can ask for"


def test_offers_lately_over_make_room_for_those_that_are_open() -> None:
    account = crowded().account(ACME)
    assert [offer for offer in account.offers if offer.over is not None] == []


def test_windows_of_former_sets_are_forgotten_before_they_fill_a_slice() -> None:
    bench = Bench(_rolling("7d"))
    for span in ("8d", "9d", "10d", "11d"):
        for number in range(300):
            bench.use("file.shared", at=T0 + number * S)
        bench.core = Core(_rolling(span))
        bench.use("file.shared", at=T0)
    assert stored(bench.account(ACME)) < 2 * FORMER_BYTES
    assert bench.bounds[Bound.FORMER_FORGOTTEN] == 4


def _rolling(span: str) -> CompiledSet:
    product = PRODUCT.replace("meters:\n", f"meters:\n  x: {{count: file.shared, over: {span}}}\n")
    return rules(["m: {milestone: exports, reaches: 1}"], ["more: {on: [m], add: room}"], product=product)


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
