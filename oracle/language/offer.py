"""Offers, as they were written. Times in microseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from oracle.conditions.condition import Condition
from oracle.language.guarding import Threshold

NEXT: Final = "next"
FITTING: Final = "fitting"
COMPLEMENT: Final = "complement"
SALES: Final = ("upgrade_to", "add", "bundle", "seats", "term", "choose_from")
VERBS: Final = (*SALES, "highlight", "nurture", "task")


@dataclass(frozen=True)
class Words:
    """Title and body with ``{variables}``; ``otherwise`` is the title when one of them is unknown."""

    title: str
    body: str | None
    otherwise: str | None


@dataclass(frozen=True)
class Does:
    """What an offer does. Which fields are set goes with the verb.

    ``what``: the plan, product, bundle, term, feature, topic or queue, or `NEXT`, `FITTING`, `COMPLEMENT`. ``ladder``:
    with `NEXT`, the one that is named. ``unlocks``: the feature that a plan is to have. ``count``: of seats.
    ``items``, ``mark``, ``order``: to choose from. ``note``, ``due``: of a task.
    """

    verb: str
    what: str = ""
    ladder: str | None = None
    unlocks: str | None = None
    count: int | None = None
    items: tuple[str, ...] = ()
    mark: str | None = None
    order: str = "most_expensive_first"
    note: str | None = None
    due: int | None = None

    @property
    def is_sale(self) -> bool:
        """Whether it asks for money."""
        return self.verb in SALES


@dataclass(frozen=True)
class StopIf:
    """Stops the offer once ``after`` accounts have seen it, by a share of noes or of more tickets."""

    after: int
    dismissed: Decimal | None
    tickets: Decimal | None


@dataclass(frozen=True)
class Offer:
    """One offer. ``no`` is what was written of a no, ``no_rule`` one of for, never, next_period, higher_step.

    ``runs``: from which day until which, as days since 1970.
    """

    name: str
    playbook: str
    on: tuple[str, ...]
    does: Does
    family: str
    words: Words | None
    words_at: Mapping[Decimal, Words]
    words_of: Mapping[str, Words]
    placements: tuple[str, ...]
    no: str
    no_rule: str
    no_for: int | None
    open_for: int
    boost: Decimal
    propensity: Decimal
    who: Condition | None
    not_before: tuple[Threshold, ...]
    runs: tuple[int | None, int | None]
    variants: Mapping[str, Decimal]
    stop_if: StopIf | None
    report_by: tuple[str, ...]

    @property
    def verb(self) -> str:
        """What it does, in one word."""
        return self.does.verb
