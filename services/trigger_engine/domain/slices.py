"""The state that the core is handed, and changes."""

from typing import Protocol

from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.parts import Part

Holder = AccountSlice | UserSlice
"""Whoever meters and moments are kept of: an account, a user of it, or a value of a property."""


class Slices(Protocol):
    """The state slices of one task. What is asked for is about to change.

    ``bounds``: how often there was more than a slice keeps. The core adds to it, the shell counts and empties it.
    """

    bounds: Reached

    def account(self, account: str) -> AccountSlice:
        """The account's slice, a new one when it was never seen."""

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one of its users, a new one when never seen."""

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        """The slice of those of whom the property ``prop`` is ``value``, a new one when there were none."""

    def erase(self, account: str, at: int) -> None:
        """Forget the account and all its parts, but for a marker that what is from before ``at`` is to be refused."""


def held_by(slices: Slices, account: str, part: Part | None) -> Holder:
    """The slice of the account, or of one part of it."""
    if part is None:
        return slices.account(account)
    return slices.user(account, part.name) if part.prop is None else slices.group(account, part.prop, part.name)
