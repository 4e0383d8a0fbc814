"""Whom a condition can be true of, as far as the documents alone can tell.

A condition that compares names with what is written beside them can only tell apart so many accounts. All of them are
made up and asked; a condition that is true of none is true of nobody. One that calculates, or looks inside texts, is
not looked into: it is taken to be true of anybody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from itertools import product as each_with_each
from math import prod
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition, Read
from services.trigger_engine.domain.conditions.kinds import Kind, Value
from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.conditions.tokens import TokenKind, tokens
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reach_pool import Pool

PLAN: Final = f"{Scope.ACCOUNT}.plan"
TERM: Final = f"{Scope.ACCOUNT}.term"
ONBOARDING: Final = f"{Scope.ACCOUNT}.onboarding"
STATES: Final = ("not_started", "started", "completed", "abandoned")
CALCULATES: Final = frozenset(
    ("+", "-", "*", "?", "size", "matches", "startsWith", "endsWith", "contains", "timestamp")
)
MAX_ASKED: Final = 1_000
"""Most made-up accounts that one condition is asked about; at some 10 us each."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom something can be true of: plans, and for each level what an account can be put down as."""

    plans: frozenset[str]
    levels: Mapping[str, frozenset[str]]

    @property
    def nobody(self) -> bool:
        """Whether there can be no such account."""
        return not self.plans


class Reaches:
    """Works out reaches over one product document and the segments of one playbook."""

    def __init__(self, of: Product, segments: Mapping[str, Condition]) -> None:
        self._product = of
        self._segments = segments
        self._everybody = Reach(
            frozenset(of.plans), {name: frozenset(level.values) for name, level in of.levels.items()}
        )

    def of(self, condition: Condition | None) -> Reach:
        """Whom ``condition`` can be true of; None: everybody."""
        if condition is None:
            return self._everybody
        involved = list(self._involved(condition))
        made_up = self._made_up(involved)
        if made_up is None:
            return self._everybody
        plans: set[str] = set()
        levels: dict[str, set[str]] = {name: set() for name in self._product.levels}
        for account in made_up:
            values = self._with_segments(account, involved)
            if not condition.judge(values).holds:
                continue
            plan = account.get(PLAN)
            plans |= {plan} & self._everybody.plans if isinstance(plan, str) else self._everybody.plans
            for name, level in self._product.levels.items():
                levels[name] |= {value for value in level.values if account.get(f"{name}.{value}", True)}
        return Reach(frozenset(plans), {name: frozenset(values) for name, values in levels.items()})

    def _involved(self, condition: Condition) -> Iterator[Condition]:
        """The segments that ``condition`` names, those that they name first, and itself last."""
        for name in condition.reads:
            if name in self._segments:
                yield from self._involved(self._segments[name])
        yield condition

    def _with_segments(
        self, account: Mapping[str, Value | None], involved: Iterable[Condition]
    ) -> dict[str, Value | None]:
        values = dict(account)
        for condition in involved:
            for name in (name for name, segment in self._segments.items() if segment is condition):
                verdict = condition.judge(values)
                values[name] = None if verdict.unknown or verdict.fault else verdict.holds
        return values

    # --- accounts made up -----------------------------------------------------------------------

    def _made_up(self, involved: list[Condition]) -> list[dict[str, Value | None]] | None:
        """Accounts enough to tell all apart that these conditions can tell apart; None when that can not be said."""
        written = [token for condition in involved for token in tokens(condition.text)]
        if any(token.text.rpartition(".")[2] in CALCULATES for token in written if token.kind is not TokenKind.TEXT):
            return None
        reads = {
            read.name: read for condition in involved for read in condition.inputs if read.name not in self._segments
        }
        asked = {read.name for condition in involved for read in condition.inputs if read.asked}
        pool = Pool.of(written, (read.kind for read in reads.values()))
        choices: list[list[dict[str, Value | None]]] = [*self._levels(reads)]
        for name, read in reads.items():
            if self._is_level(name):
                continue
            values = self._values(read, pool)
            if values is None:
                return None
            choices.append([{name: value} for value in (*values, *([None] if name in asked else []))])
        if prod(map(len, choices)) > MAX_ASKED:
            return None
        return [dict(chain.from_iterable(part.items() for part in parts)) for parts in each_with_each(*choices)]

    def _is_level(self, name: str) -> bool:
        return name.partition(".")[0] in self._product.levels

    def _levels(self, reads: Iterable[str]) -> Iterator[list[dict[str, Value | None]]]:
        """An account is put down as one value of each level."""
        for name in {name.partition(".")[0] for name in reads if self._is_level(name)}:
            level = self._product.levels[name]
            yield [{f"{name}.{value}": value == chosen for value in level.values} for chosen in level.values]

    def _values(self, read: Read, pool: Pool) -> tuple[Value, ...] | None:
        if read.kind is Kind.TEXT:
            return self._texts(read.name, pool)
        return pool.of_kind.get(read.kind)

    def _texts(self, name: str, pool: Pool) -> tuple[str, ...]:
        closed = {PLAN: self._product.plans, TERM: self._product.terms, ONBOARDING: STATES}
        return tuple(closed[name]) if name in closed else pool.texts
