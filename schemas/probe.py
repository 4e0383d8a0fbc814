"""The probe: accounts of its own that go through the whole flow, and are in nobody's numbers.

An account whose id begins with `MARK` is the probe's. The engine judges it by a set that comes with the product
(`docs/language/probe.md`), takes events of it from `SOURCE` alone, and tells of it on ``rung.offers`` and nowhere else:
neither decisions nor outcomes. The offer API asks a token for the claim `CLAIM` before it answers about one.
"""

from typing import Final

MARK: Final = "rung-probe:"
"""What the id of each account of a probe begins with."""

SOURCE: Final = "rung/probe"
"""``source`` of every event about such an account; of another it is refused."""

CLAIM: Final = "probe"
"""A token's claim, ``true``: it was made for a probe, and its account is one of a probe."""

EVENT: Final = "probe.asked"
"""What the probe's set counts, of each user by itself: the first of a user earns an offer."""

OFFER: Final = "answer"
"""The only offer of the probe's set."""


def is_probe(account: str) -> bool:
    """Whether the account is one of a probe."""
    return account.startswith(MARK)
