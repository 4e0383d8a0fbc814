"""What a scenario expects, beside what came."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import pytest

from schemas.decisions import Decision, Input, Reason, Verdict
from services.trigger_engine.domain.playbook.problems import Place
from services.trigger_engine.domain.playbook.scenario import Came, Choice, Expects
from services.trigger_engine.domain.trying.expecting import expected, unmet
from services.trigger_engine.domain.trying.seen import Seen

PLACE: Final = Place("story.scenarios.yaml", 7, 9)
MADE: Final = Seen(Came.MADE, "more", None, "ann", Decimal("0.8"), "Full", None, (Choice("plus"),))
SET: Final = Choice(
    "set", ("sign", "photos"), None, {"month": Decimal(200)}, Decimal("0.33"), {"seats": "3 to 5", "logs": "included"}
)
CHOICES: Final = Seen(Came.MADE, "suite", options=(SET, Choice("sign", (), Decimal(2))), mark="set", note="Call them")
CHANGED: Final = Seen(Came.CHANGED, "more", step=Decimal(1))
OTHER: Final = Seen(Came.MADE, "photos")
CAPPED: Final = Seen(Came.WITHHELD, "more", "capped")
REVOKED: Final = Seen(Came.REVOKED, "more", "paused")


def withheld(reason: Reason) -> Decision:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    origin = Input(stream="usage", partition=0, offset=1)
    return Decision(
        decision_id="d", verdict=Verdict.WITHHELD, reason=reason, at=at, version=0, input=origin, moments=()
    )


@pytest.mark.parametrize(
    ("expects", "came"),
    [
        pytest.param(Expects(PLACE, None), [], id="nothing, and nothing came"),
        pytest.param(Expects(PLACE, None), [CAPPED, REVOKED], id="nothing, and nothing was offered"),
        pytest.param(Expects(PLACE, Came.MADE, "more"), [CAPPED, MADE, CHANGED], id="made, whatever else"),
        pytest.param(Expects(PLACE, Came.CHANGED, "more"), [MADE, CHANGED], id="changed after it was made"),
        pytest.param(Expects(PLACE, Came.WITHHELD, "more"), [CAPPED], id="withheld, for any reason"),
        pytest.param(Expects(PLACE, Came.WITHHELD, "more", "capped"), [CAPPED], id="withheld, for this reason"),
        pytest.param(Expects(PLACE, Came.REVOKED, "more", "paused"), [REVOKED], id="revoked"),
        pytest.param(
            Expects(PLACE, Came.MADE, "more", None, "ann", Decimal("0.8"), "Full", None, (Choice("plus"),)),
            [MADE],
            id="in full",
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "suite", options=(Choice("set"), Choice("sign")), mark="set", note="Call them"),
            [CHOICES],
            id="options by their ids, and the mark",
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "suite", options=(Choice("set", saving=Decimal("0.330")), Choice("sign"))),
            [CHOICES],
            id="what is said of an option, and no more",
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "suite", options=(SET, Choice("sign", quantity=Decimal(2)))),
            [CHOICES],
            id="all of an option",
        ),
    ],
)
def test_what_came_as_expected_is_met(expects: Expects, came: list[Seen]) -> None:
    assert unmet(expects, came, []) is None


@pytest.mark.parametrize(
    ("expects", "came", "told"),
    [
        pytest.param(Expects(PLACE, None), [CHANGED], "more was changed at 100%", id="not nothing"),
        pytest.param(Expects(PLACE, Came.MADE, "more"), [], "no moment fired, so nothing was decided", id="nothing"),
        pytest.param(Expects(PLACE, Came.MADE, "more"), [OTHER], "photos was made", id="another"),
        pytest.param(Expects(PLACE, Came.MADE, "more"), [MADE, OTHER], "photos was made, too", id="another, too"),
        pytest.param(Expects(PLACE, Came.MADE, "more"), [CAPPED, OTHER], "more was withheld because capped", id="why"),
        pytest.param(
            Expects(PLACE, Came.REVOKED, "more", "withdrawn"), [REVOKED], "its reason is 'paused'", id="another reason"
        ),
        pytest.param(Expects(PLACE, Came.MADE, "more", user="bob"), [MADE], "its user is 'ann'", id="another user"),
        pytest.param(
            Expects(PLACE, Came.MADE, "more", step=Decimal("0.9")), [MADE], "its step is 80%", id="another step"
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "more", title="Empty", body="x"),
            [MADE],
            "its title is 'Full', its body is not there",
            id="other words",
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "more", options=(Choice("team"), Choice("plus"))),
            [MADE],
            "its options are [plus]",
            id="options",
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "suite", options=(Choice("sign"), Choice("set"))),
            [CHOICES],
            "its options are [set, sign]",
            id="options in another order",
        ),
        pytest.param(
            Expects(
                PLACE,
                Came.MADE,
                "suite",
                options=(
                    Choice("set", ("sign",), price={"month": Decimal(9)}, saving=Decimal("0.5"), gains={"seats": "9"}),
                    Choice("sign", quantity=Decimal(3), price={"once": Decimal(1)}),
                ),
            ),
            [CHOICES],
            "its options are [set (items sign and photos, price month 200, saving 33%, gains seats 3 to 5, "
            "logs included), sign (quantity 2, price not there)]",
            id="other details of options",
        ),
        pytest.param(
            Expects(PLACE, Came.MADE, "suite", mark="sign", note="Wait"),
            [CHOICES],
            "its mark is 'set', its note is 'Call them'",
            id="another mark, another note",
        ),
    ],
)
def test_what_came_instead_is_told(expects: Expects, came: list[Seen], told: str) -> None:
    assert unmet(expects, came, []) == told


def test_nothing_for_a_reason_is_about_the_last_decision() -> None:
    expects = Expects(PLACE, None, because="capped")
    assert unmet(expects, [], [withheld(Reason.STALE), withheld(Reason.CAPPED)]) is None
    told = "the last decision was withheld because stale"
    assert unmet(expects, [], [withheld(Reason.CAPPED), withheld(Reason.STALE)]) == told
    assert unmet(expects, [], []) == "no moment fired, so nothing was decided"


@pytest.mark.parametrize(
    ("expects", "told"),
    [
        (Expects(PLACE, None), "nothing"),
        (Expects(PLACE, None, because="capped"), "nothing because capped"),
        (Expects(PLACE, Came.EXPIRED, "more"), "more to have expired"),
        (Expects(PLACE, Came.WITHHELD, "more", "capped"), "more to be withheld, reason 'capped'"),
        (
            Expects(PLACE, Came.MADE, "more", step=Decimal("0.125"), options=(Choice("a"), Choice("b", ()))),
            "more to be made, step 12.5%, options [a, b (items none)]",
        ),
    ],
)
def test_what_is_expected_reads_as_it_was_written(expects: Expects, told: str) -> None:
    assert expected(expects) == told
