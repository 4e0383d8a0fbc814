from __future__ import annotations

from decimal import Decimal
from itertools import islice

import pytest

from schemas.decisions import Candidate, Decision, Input, Reason, Stage, Verdict
from schemas.offers import Evidence, MomentKind
from services.demo.names import names
from services.demo.tally import Kind, Tally, moment_text, quantile
from services.kit.clock import EPOCH


def decision(*left: tuple[str, Reason | None], reason: Reason | None) -> Decision:
    return Decision(
        decision_id="d-1",
        verdict=Verdict.OFFERED if reason is None else Verdict.WITHHELD,
        reason=reason,
        at=EPOCH,
        version=0,
        input=Input(stream="usage", partition=0, offset=0),
        moments=(Evidence(moment="storage_full", kind=MomentKind.LIMIT, step=Decimal("0.8"), happened_at=EPOCH),),
        candidates=tuple(
            Candidate(offer=offer, moment="storage_full", stage=Stage.ELIGIBLE, reason=why, detail="plus")
            for offer, why in left
        ),
    )


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        pytest.param([], 0.5, None, id="of nothing"),
        pytest.param([3.0], 0.99, 3.0, id="of one"),
        pytest.param([4.0, 1.0, 3.0, 2.0], 0.5, 2.0, id="the middle, from below"),
        pytest.param([float(n) for n in range(1, 101)], 0.95, 95.0, id="95 of 100"),
        pytest.param([float(n) for n in range(1, 101)], 0.99, 99.0, id="99 of 100"),
        pytest.param([float(n) for n in range(1, 11)], 0.99, 10.0, id="the largest of few"),
    ],
)
def test_a_quantile_is_one_of_the_values(values: list[float], share: float, found: float | None) -> None:
    assert quantile(values, share) == found


def test_a_decision_that_offers_something_still_says_what_it_left_out() -> None:
    tally = Tally(since=lambda: 1.0)
    tally.decided("acme", decision(("more_storage", None), ("extra_terabyte", Reason.OUTSCORED), reason=None))
    assert tally.left_out == {Reason.OUTSCORED: 1}
    assert tally.nothing == {}
    assert tally.examples[Reason.OUTSCORED].text == "extra_terabyte, plus"
    assert [line.kind for line in tally.lines] == [Kind.MOMENT]


def test_a_decision_that_offers_nothing_is_told_with_its_reason() -> None:
    tally = Tally(since=lambda: 1.0)
    tally.decided("acme", decision(("more_storage", Reason.TOP_RUNG), reason=Reason.TOP_RUNG))
    assert tally.nothing == {Reason.TOP_RUNG: 1}
    assert [(line.kind, line.text) for line in tally.lines] == [
        (Kind.MOMENT, "storage_full at 80%"),
        (Kind.WITHHELD, "top_rung (more_storage: plus)"),
    ]


def test_every_line_is_handed_on() -> None:
    told: list[str] = []
    tally = Tally(since=lambda: 1.0, told=lambda line: told.append(line.text))
    tally.failed("acme", "no decision")
    assert told == ["no decision"]
    assert tally.missing == ["acme: no decision"]


def test_a_step_is_told_in_percent() -> None:
    assert moment_text("storage_full", Decimal("0.9")) == "storage_full at 90%"
    assert moment_text("first_report", None) == "first_report"


def test_no_name_comes_twice() -> None:
    many = list(islice(names(), 5_000))
    assert len(set(many)) == len(many)
