"""Back-off: who has said no, or nothing, so often in a row is left alone for a while, and each time for longer."""

from typing import Final

from schemas.decisions import Reason
from services.trigger_engine.domain.account import AccountSlice, Noes
from services.trigger_engine.domain.deciding.candidate import Withheld
from services.trigger_engine.domain.deciding.states import minute
from services.trigger_engine.domain.situation import Situation

MOST_DOUBLED: Final = 10
"""How often a wait doubles at most: two weeks are then 39 years."""


def backing_off(playbook: str, situation: Situation) -> Withheld | None:
    """Whether the account is left alone: with each no more in the row, twice as long, from that one on."""
    bound, noes = situation.rules.bounds[playbook].back_off, situation.account.noes
    if bound is None or noes.count < bound.after:
        return None
    until = noes.at + bound.wait_us * 2 ** min(noes.count - bound.after, MOST_DOUBLED)
    if until <= situation.now:
        return None
    return Withheld(Reason.BACK_OFF, f"{noes.count} in a row, until {minute(until)}", until=until)


def said_no(account: AccountSlice, at: int) -> None:
    """One more offer in a row was dismissed, or seen and ignored."""
    account.noes = Noes(account.noes.count + 1, max(at, account.noes.at))


def said_yes(account: AccountSlice) -> None:
    """The row is broken."""
    account.noes = Noes()
