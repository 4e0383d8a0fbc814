"""What a service key allows."""

from collections.abc import Collection
from enum import StrEnum


class Scope(StrEnum):
    """One thing that is allowed. Part of the HTTP contract: add, never rename."""

    READ = "read"  # offers and decisions of every account
    ADMIN = "admin"  # all there is


def allows(scopes: Collection[Scope], wanted: Scope) -> bool:
    """Whether ``wanted`` is one of ``scopes``; `Scope.ADMIN` stands for every other one."""
    return wanted in scopes or Scope.ADMIN in scopes
