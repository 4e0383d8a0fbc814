from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.metrics_sink.domain.statistics.retention import Retention, retention

money = st.decimals(0, 1_000_000, places=2)


def test_nrr_and_grr_of_a_month() -> None:
    found = retention(
        (Decimal(before), Decimal(after))
        for before, after in [("100", "150"), ("50", "30.50"), ("40", "0"), ("10", "10"), ("0", "500")]
    )
    assert found == Retention(Decimal(200), Decimal(50), Decimal("19.50"), Decimal(40))
    assert found.net == Decimal("0.9525")
    assert found.gross == Decimal("0.7025")


def test_without_anybody_who_paid_there_is_nothing_to_keep() -> None:
    found = retention([(Decimal(0), Decimal(20))])
    assert found.net is None
    assert found.gross is None


@given(st.lists(st.tuples(money, money), min_size=1).filter(lambda accounts: any(before for before, _ in accounts)))
def test_net_is_what_is_paid_now_of_what_was_and_gross_never_gains(accounts: list[tuple[Decimal, Decimal]]) -> None:
    found = retention(accounts)
    assert found.net is not None
    assert found.gross is not None
    kept = sum(after for before, after in accounts if before)
    assert found.start + found.expansion - found.contraction - found.churn == kept
    assert 0 <= found.gross <= 1
    assert found.gross <= found.net
