"""All that judging may look at."""

from msgspec import Struct

from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.instants import FIRST_US
from services.trigger_engine.domain.playbook.sets import CompiledSet


class Situation(Struct, frozen=True):
    """One account, under one version of the set, at ``now`` (microseconds since 1970 UTC).

    ``user`` is the slice of the user that the input was about, when there is one. No usage of an event time before
    ``floor`` can come any more.
    """

    id: str
    account: AccountSlice
    rules: CompiledSet
    now: int
    user: UserSlice | None = None
    floor: int = FIRST_US

    @property
    def named(self) -> str:
        """The account as ids name it: one that came back after its erasure is another."""
        erased_at = self.account.erased_at
        return self.id if erased_at is None else f"{self.id}@{erased_at}"
