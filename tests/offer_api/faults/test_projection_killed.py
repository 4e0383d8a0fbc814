"""SIGKILL of an offer API before a commit of its projections, after it, and after a dead letter: all is exact."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
from typing import TYPE_CHECKING, Final

import pytest

from schemas import dead_letters
from schemas.topics import DEAD_LETTERS
from services.kit.kafka.partitioning import partition_of
from tests.faults.settings import FAULTS
from tests.faults.trap import Point
from tests.offer_api.deciding import decided, offered
from tests.offer_api.faults.copies import Copy, copy_of, folded_to_the_end
from tests.offer_api.makers import an_offer, changed, erased, made, step
from tests.offer_api.process import ended, spawned
from tests.offer_api.running import PARTITIONS, free_ports

if TYPE_CHECKING:
    from pathlib import Path

    from tests.offer_api.running import Ground

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ACCOUNTS: Final = tuple(f"acme-{number}" for number in range(40))
BROKEN: Final = b'{"specversion": "1.0", "type": "rung.offer_sung"}'

KILLS: Final = (Point.WRITTEN, Point.COMMITTED, Point.BURIED)
BROKEN_EACH: Final = 2
"""Unreadable records of each partition that come between two kills."""

EVERYWHERE: Final = tuple({partition_of(account, PARTITIONS): account for account in ACCOUNTS}.values())
"""One account of each partition."""


async def test_killed_around_its_commits_a_projection_is_exact(
    ground: Ground, another_database_url: str, tmp_path: Path
) -> None:
    begun: list[int] = []
    for turn in range(FAULTS.rounds):
        for point in KILLS:
            await _say(ground, len(begun))
            await _killed(ground, point, 1 + turn % BROKEN_EACH, tmp_path / f"marks-{len(begun)}")
            begun.append(_partitions_begun(await copy_of(ground)))
    # of the first, nothing is there; of the second, one partition; and the third went on from there
    assert begun[:2] == [0, 1]
    found = await folded_to_the_end(ground)
    assert len(found["offers"]) == len(ACCOUNTS) * len(begun) - _erased(len(begun))
    letters = await ground.read(DEAD_LETTERS.under(ground.prefix))
    assert len({dict(headers)[dead_letters.ID] for _, _, headers in letters}) == BROKEN_EACH * PARTITIONS * len(begun)

    undisturbed = dataclasses.replace(ground, database_url=another_database_url)
    await undisturbed.prepare()
    assert found == await folded_to_the_end(undisturbed)


async def _say(ground: Ground, number: int) -> None:
    """One round: each account is made an offer, which goes some way; one account is erased; some is unreadable."""
    words = []
    for account in ACCOUNTS:
        offer = an_offer(f"{account}/{number}")
        words += [
            made(account, offer),
            step("presented", 2, offer.offer_id, account, "r1"),
            changed(account, offer.model_copy(update={"version": 8}), 3),
            step("dismissed" if number % 2 else "clicked", 4, offer.offer_id, account, "r2"),
        ]
    await ground.say(*words, erased(ACCOUNTS[number % len(ACCOUNTS)]))
    await ground.write([(account, BROKEN, []) for account in EVERYWHERE] * BROKEN_EACH)
    if KILLS[number % len(KILLS)] is not Point.BURIED:
        return  # so that the first to fall into the trap before and after a commit is the projection of offers
    decisions = [offered(f"{account}-d{number}", f"{account}/{number}", number) for account in ACCOUNTS]
    await ground.decide(*(decided(account, one) for account, one in zip(ACCOUNTS, decisions, strict=True)))


def _erased(rounds: int) -> int:
    """Offers that there are no more: of the account of each round, all up to it."""
    return sum(number + 1 for number in range(rounds))


async def _killed(ground: Ground, point: Point, nth: int, marks: Path) -> None:
    """Have an offer API begin, and fall into the trap."""
    trap = {"FAULT_AT": point, "FAULT_NTH": str(nth), "FAULT_MARKS": str(marks)}
    environment = {**ground.environment(*free_ports()), **trap}
    code, told = await ended(await spawned(environment, "tests.offer_api.faults.api_with_faults"))
    assert code == -signal.SIGKILL, told[-2_000:]
    marked = await asyncio.to_thread(marks.read_text)
    assert [mark.split()[0] for mark in marked.splitlines()] == [point]


def _partitions_begun(kept: Copy) -> int:
    """Of both logs."""
    return len(kept["offer_positions"]) + len(kept["account_decision_positions"])
