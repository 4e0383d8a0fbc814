"""What one set offers and another does not, by account."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from schemas.decisions import Reason
from services.trigger_engine.domain.trying.tally import Tally


class OfferDifference(NamedTuple):
    """Accounts (their numbers) that one offer was made to: on ``both`` sides, only ``here``, only ``there``.

    ``not_here`` and ``not_there`` say why the other side did not: by the first gate that failed in its last decision,
    None where the offer never competed for the account.
    """

    offer: str
    both: frozenset[int]
    here: frozenset[int]
    there: frozenset[int]
    not_here: Counter[Reason | None]
    not_there: Counter[Reason | None]


def differences(here: Tally, there: Tally) -> list[OfferDifference]:
    """Every offer of either side, by name; both tallies must share their accounts."""
    ours, theirs = here.made(), there.made()
    found = []
    for offer in sorted({*here.competed(), *there.competed()}):
        one, other = ours.get(offer, set()), theirs.get(offer, set())
        found.append(
            OfferDifference(
                offer,
                frozenset(one & other),
                frozenset(one - other),
                frozenset(other - one),
                _why(here, offer, other - one),
                _why(there, offer, one - other),
            )
        )
    return found


def _why(tally: Tally, offer: str, accounts: Iterable[int]) -> Counter[Reason | None]:
    return Counter(tally.why_not(offer, account) for account in sorted(accounts))
