"""Which version of the set a task works by, and which accounts have yet to be brought over to it.

A switch touches no account by itself: a sweep does, a bounded part of it between two commits, and begins again after a
restart until the position says that it was done.
"""

from typing import Final

from services.trigger_engine.domain.core import Core
from services.trigger_engine.runtime.keys import account_of
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.slices import SliceStore

SWEEP: Final = 200
"""Accounts at a time: some milliseconds of work, so that usage does not wait for it.

Where each holds a moment it is some ten.
"""


class Switching:
    """``swept`` is the last version that every account was brought over to.

    Looked at are those with a timer, for an open offer has one, its expiry, or a moment that is held; and all of them
    where the version has moments that time alone brings about.
    """

    def __init__(self, sets: Sets, slices: SliceStore, swept: int) -> None:
        self.swept = swept
        self._sets = sets
        self._slices = slices
        self._aim: int | None = None
        self._left: list[bytes] = []

    def newest(self, core: Core) -> Core:
        """The core to work by from here on; call it only when nothing is uncommitted."""
        newest = self._sets.current or core
        if newest.rules.version not in (self._aim, self.swept):
            self._aim = newest.rules.version
            times_all = newest.times_all
            self._left = self._slices.accounts() if times_all else self._slices.with_timers()
        return newest

    def some(self) -> list[str]:
        """The accounts to bring over next; empty when there are none, and then the sweep is done."""
        some = self._left[: -SWEEP - 1 : -1]
        del self._left[-SWEEP:]
        return [account_of(key) for key in some]

    def done(self) -> None:
        """What `some` gave has been dealt with."""
        if not self._left and self._aim is not None:
            self.swept, self._aim = self._aim, None
