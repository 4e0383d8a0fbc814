"""What the oracle holds of a partition."""

from __future__ import annotations

from oracle import ids
from oracle.holdings import Holdings
from oracle.state import Account, Part, encoded


def test_what_an_erasure_takes_away_is_told_in_the_order_in_which_it_was_stored() -> None:
    holdings = Holdings()
    holdings.load(ids.account_key("acc-1"), encoded(Account(), None))
    users = [ids.part_key("acc-1", ids.Part(f"u-{number}")) for number in range(20)]
    for user in users:
        holdings.load(user, encoded(Part(), None))
    holdings.erase("acc-1", at=7)
    assert [*holdings.commit()] == [ids.account_key("acc-1"), *users, ids.erased_key("acc-1")]
