"""What a mutation is, and what several areas of them need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from oracle.violations import Kind
    from tests.oracle.tampering import Body, Tampering


class Mutation(NamedTuple):
    """What is done to the logs, and which kinds of violation must be among those found."""

    name: str
    change: Callable[[Tampering], None]
    kinds: frozenset[Kind]


def flagged(*kinds: Kind) -> Callable[[Callable[[Tampering], None]], Mutation]:
    """Make a mutation of a change that must be found as each of ``kinds``."""
    return lambda change: Mutation(change.__name__, change, frozenset(kinds))


def mutations_of(area: ModuleType) -> dict[str, Mutation]:
    """The mutations of a module, by name."""
    return {name: held for name, held in vars(area).items() if isinstance(held, Mutation)}


def is_type(*names: str) -> Callable[[Body], bool]:
    return lambda body: body.get("type") in {f"rung.{name}" for name in names}
