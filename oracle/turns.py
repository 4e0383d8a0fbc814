"""What is found side by side, told one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.faults import CannotVerify

if TYPE_CHECKING:
    from collections.abc import Callable

    from oracle.partition import Numbers
    from oracle.violations import Violation


class Turns:
    """Tells of each task when all before it have ended: at once of the first that has not, of others later.

    ``told`` is what the tasks went through whose turn is over.
    """

    def __init__(self, tell: Callable[[Violation], None]) -> None:
        self.told: list[Numbers] = []
        self._tell = tell
        self._held: dict[int, list[Violation]] = {}
        self._ended: dict[int, Numbers | CannotVerify] = {}

    def found(self, number: int, violation: Violation) -> None:
        """Task ``number`` found something."""
        if number == len(self.told):
            self._tell(violation)
        else:
            self._held.setdefault(number, []).append(violation)

    def ended(self, number: int, how: Numbers | CannotVerify) -> None:
        """Task ``number`` has ended. Raises the fault of the first that could not be done, when its turn has come."""
        self._ended[number] = how
        while (next_one := self._ended.pop(len(self.told), None)) is not None:
            if isinstance(next_one, CannotVerify):
                raise next_one
            self.told.append(next_one)
            for violation in self._held.pop(len(self.told), ()):
                self._tell(violation)
