"""What the oracle holds of a partition."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from oracle import ids
from oracle.holdings import Holdings
from oracle.state import Account, Part, Standing, decoded, encoded


def test_what_an_erasure_takes_away_is_told_in_the_order_in_which_it_was_stored() -> None:
    holdings = Holdings()
    holdings.load(ids.account_key("acc-1"), encoded(Account(), None))
    users = [ids.part_key("acc-1", ids.Part(f"u-{number}")) for number in range(20)]
    for user in users:
        holdings.load(user, encoded(Part(), None))
    holdings.erase("acc-1", at=7)
    assert [*holdings.commit()] == [ids.account_key("acc-1"), *users, ids.erased_key("acc-1")]


def test_a_slice_is_read_as_it_was_stored_before_numbers_were_rows() -> None:
    key, known = ids.account_key("acc-1"), {"m": Standing(Decimal("1.70"), 7), "n": Standing(Decimal(5))}
    before = msgspec.msgpack.encode([{}, {"m": ["1.70", 7], "n": ["5", None]}, {}])
    assert decoded(key, b"\xff" * 8 + b"\x02" + before) == Account(meters=known)
    assert decoded(key, encoded(Account(meters=known), None)) == Account(meters=known)
