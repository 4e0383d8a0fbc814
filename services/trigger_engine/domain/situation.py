"""All that judging may look at."""

from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Bound, Reached
from services.trigger_engine.domain.instants import FIRST_US
from services.trigger_engine.domain.playbook.sets import CompiledSet


class Parts(Protocol):
    """The slices of the parts of accounts. What is asked for may be about to change; ``bounds`` as in `Slices`."""

    bounds: Reached

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one user of the account, a new one when never seen."""

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        """The slice of those of whom the property ``prop`` is ``value``, a new one when there were none."""


class Situation(Struct, frozen=True, dict=True):
    """One account, under one version of the set, at ``now`` (microseconds since 1970 UTC).

    ``user`` is the slice of the user that the input was about, when there is one; ``parts`` has those of the others, as
    a moment that was held may be of any. No usage of an event time before ``floor`` can come any more. What was worked
    out from it hangs on it: whoever has changed the account asks a `fresh` one.
    """

    id: str
    account: AccountSlice
    rules: CompiledSet
    now: int
    user: UserSlice | None = None
    floor: int = FIRST_US
    parts: Parts | None = None

    @property
    def named(self) -> str:
        """The account as ids name it: one that came back after its erasure is another."""
        erased_at = self.account.erased_at
        return self.id if erased_at is None else f"{self.id}@{erased_at}"

    def kept(self, name: str) -> dict[Any, Any]:
        """What was worked out already, under the name of who did."""
        found: dict[Any, Any] = self.__dict__.setdefault(name, {})
        return found

    def reached(self, bound: Bound, times: int = 1) -> None:
        """So many ``times`` there was more than is kept of the account."""
        if self.parts is not None and times > 0:
            self.parts.bounds[bound] += times

    def fresh(self) -> "Situation":
        """The same, with nothing worked out yet."""
        return replace(self)

    def user_of(self, name: str | None) -> UserSlice | None:
        """The slice of the user with this name; that of the input's user where nobody can be asked for others."""
        if name is None:
            return None
        return self.user if self.parts is None else self.parts.user(self.id, name)

    def part_of(self, user: str | None, prop: str | None, group: str | None) -> AccountSlice | UserSlice | None:
        """Whose number it is: that of a user, of those of whom the property ``prop`` is ``group``, or the account's."""
        if user is not None:
            return self.user_of(user)
        if prop is None or group is None:
            return self.account
        return None if self.parts is None else self.parts.group(self.id, prop, group)
