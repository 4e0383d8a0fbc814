"""Parts of accounts to be looked at and left as they are: to find out whether there is anything to do."""

from typing_extensions import override

from services.trigger_engine.domain.account import UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.situation import Parts
from services.trigger_engine.runtime.slices import SliceStore


class Looking(Parts):
    """The parts of the accounts of a store; none of them is put to work, and bounds that are reached do not count."""

    def __init__(self, slices: SliceStore) -> None:
        self.bounds = Reached()
        self._slices = slices

    @override
    def user(self, account: str, user: str) -> UserSlice:
        return self._slices.peek_part(account, Part(user))

    @override
    def group(self, account: str, prop: str, value: str) -> UserSlice:
        return self._slices.peek_part(account, Part(value, prop))
