import pytest

from services.metrics_sink.domain.streak import MAX_STREAK, streak_after


@pytest.mark.parametrize(
    ("before", "readable", "after", "too_many"),
    [
        pytest.param(0, [], 0, False, id="nothing changes nothing"),
        pytest.param(3, [False, False], 5, False, id="they add up over batches"),
        pytest.param(99, [True, False], 1, False, id="one that can be read begins anew"),
        pytest.param(MAX_STREAK - 1, [False], MAX_STREAK, True, id="the hundredth is too many"),
        pytest.param(0, [False] * MAX_STREAK + [True], 0, True, id="too many in the midst of a batch"),
        pytest.param(0, [False, True] * MAX_STREAK, 0, False, id="many, and never in a row"),
    ],
)
def test_only_unreadable_records_in_a_row_are_too_many(
    before: int, readable: list[bool], after: int, too_many: bool
) -> None:
    assert streak_after(before, readable) == (after, too_many)
