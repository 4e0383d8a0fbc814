"""Candidates that are much alike stand for a tuple of them: equal to it, and the same bytes on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from schemas.candidates import Candidates, with_candidates
from schemas.codec import decode_decision, encode
from schemas.decisions import Candidate, Decided, Reason, Stage
from tests.contracts.golden import all_golden

if TYPE_CHECKING:
    from collections.abc import Sequence

LIKE = [
    Candidate(offer="a", moment="m", stage=Stage.ELIGIBLE, reason=Reason.NOT_FOR, detail='account.x == "y"'),
    Candidate(
        offer="b", moment="m", target="plus", stage=Stage.WITHIN_BOUNDS, reason=Reason.CAPPED, detail="1 of 1",
        until=datetime(2026, 3, 1, 9, 0, 0, 1, tzinfo=UTC),
    ),
    Candidate(
        offer="c", moment="n", target="plus", stage=Stage.ARBITRATED, score=Decimal("1.500000"),
        factors={"boost": Decimal("1.5"), "value": Decimal(1)},
    ),
]  # fmt: skip
NAMES = st.text(st.characters(min_codepoint=0x20, codec="utf-8", exclude_characters="\x7f"), min_size=1, max_size=20)
PICKED = st.lists(st.tuples(NAMES, st.sampled_from(LIKE)), max_size=12)


def decided_with(pairs: Sequence[tuple[str, Candidate]]) -> tuple[Decided, Decided]:
    """The same decision: with candidates made at once, and with those that are made when somebody looks."""
    decided: Decided = next(one for one in all_golden() if one.name == "rung.decided").decoded()
    plain = tuple(like.model_copy(update={"offer": name}) for name, like in pairs)
    alike = Candidates([name for name, _ in pairs], [like for _, like in pairs])
    one = decided.model_copy(update={"data": decided.data.model_copy(update={"candidates": plain})})
    return one, decided.model_copy(update={"data": with_candidates(decided.data, alike)})


@given(PICKED)
def test_they_are_written_as_each_by_itself_would_be(pairs: list[tuple[str, Candidate]]) -> None:
    plain, alike = decided_with(pairs)
    assert encode(alike) == encode(plain)
    assert alike.model_dump() == plain.model_dump()
    assert alike.model_dump_json() == plain.model_dump_json()


@given(PICKED)
def test_they_are_what_a_reader_gets(pairs: list[tuple[str, Candidate]]) -> None:
    plain, alike = decided_with(pairs)
    assert decode_decision(*encode(alike)) == alike == plain
    assert tuple(alike.data.candidates) == plain.data.candidates
    assert len(alike.data.candidates) == len(pairs)


def test_one_of_another_name_makes_another_whole() -> None:
    one, other = Candidates(["x", "y"], [LIKE[0], LIKE[0]]), Candidates(["x", "z"], [LIKE[0], LIKE[0]])
    assert one != other
    assert one == Candidates(["x", "y"], [LIKE[0], LIKE[0]])
    assert [candidate.offer for candidate in one] == ["x", "y"]
    assert one[1].detail == LIKE[0].detail
    assert repr(one) == repr(tuple(one))
