"""Slices at work, with what is asked of them for each event at hand."""

from typing import Final

from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.quiet import NO_LANES, lanes_of


class OpenedPart:
    """The slice of a part of an account at work. ``changed``: it was asked for since the last commit."""

    __slots__ = ("changed", "key", "slice")

    before: Final = None
    """As of an account of which nothing is known to stand still."""

    def __init__(self, key: bytes, found: UserSlice) -> None:
        self.key = key
        self.slice = found
        self.changed = False


class Opened:
    """The slice of an account at work, and those of its parts; ``lanes`` are the account's, see `domain.quiet`.

    ``numbers``: the row of its plain meters, looked up with the lanes. ``before`` and ``behind``: what stands around it
    in its stored form, as long as nothing else of the account can have changed since.
    """

    __slots__ = ("before", "behind", "changed", "groups", "key", "lanes", "numbers", "slice", "users")

    def __init__(self, key: bytes, found: AccountSlice) -> None:
        self.key = key
        self.slice = found
        self.lanes = lanes_of(found)
        self.numbers = found.meters.numbers
        self.users: dict[str, OpenedPart] = {}
        self.groups: dict[tuple[str, str], OpenedPart] = {}
        self.before: bytes | None = None
        self.behind = b""
        self.changed = False

    def look_again(self) -> None:
        """More of it may change than its numbers."""
        self.before, self.lanes = None, NO_LANES
