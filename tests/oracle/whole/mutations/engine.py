"""An engine that leaves out what nothing in its logs contradicts: they are whole, and too little is in them."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.trigger_engine.domain.account import AccountSlice
    from tests.oracle.whole.dry import Dry


def _leaving_out(accounts: Callable[[AccountSlice], bool]) -> Callable[[Dry], None]:
    def plant(dry: Dry) -> None:
        dry.leaves_out = accounts

    return plant


def _never(dry: Dry) -> None:
    dry.ticks = lambda: False


def _seldom(dry: Dry) -> None:
    turns = count()
    dry.ticks = lambda: next(turns) % 9 == 0


FAULTS: Final[dict[str, Callable[[Dry], None]]] = {
    "no account is brought over to a new set": _leaving_out(lambda _: True),
    "an account that holds a moment is not": _leaving_out(lambda account: bool(account.held)),
    "an account with an open offer is not": _leaving_out(lambda account: any(account.open_offers())),
    "an account that waits for neither is not": _leaving_out(
        lambda account: not account.held and not any(account.open_offers())
    ),
    "time is never let pass": _never,
    "time is let pass too late": _seldom,
}
"""What is planted before the run begins. Each must be found, and nothing else with it."""
