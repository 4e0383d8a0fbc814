"""Every offer shows the usage that earned it, and what its own conditions asked about."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest

from schemas.offers import MomentKind
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.deciding.evidence import evidence
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import ForecastMoment, GrowthMoment, HabitMoment
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import T0, Bench, D, offer

PRODUCT: Final = """
product: files
default_plan: free
events: {report.exported: {}, file.shared: {}, member.invited: {}, file.opened: {}}
meters:
  exports: {count: report.exported}
  shares: {count: file.shared}
  opened: {count: file.opened}
  invites: {count: member.invited, by: user}
levels:
  engagement:
    - high: meters.opened >= 5
    - low: otherwise
plans:
  - {id: free, price: 0}
products:
  - {id: photos, price: {month: 4}}
placements: [here]
guardrails: {not_before: {meters.opened: 1}}
"""
PLAYBOOK: Final = """
playbook: story
moments:
  first_report: {milestone: exports, reaches: 1}
  inviting: {milestone: invites, reaches: 2}
segments:
  sharing: meters.shares >= 2 || engagement.high
offers:
"""


def shown(line: str, moment: str = "first_report") -> list[tuple[str | None, int]]:
    """Meter and value of each piece of evidence for the offer of this line."""
    story = f"{PLAYBOOK}  it: {{on: [{moment}], add: photos, {line}}}\n"
    other = "inviting" if moment == "first_report" else "first_report"
    story += f"  other: {{on: [{other}], nurture: basics, placements: [here]}}\n"
    bench = Bench(compile_set([("product.yaml", PRODUCT), ("story.yaml", story)], 7))
    for event in ("file.shared", "file.shared", "file.opened"):
        bench.use(event)
    bench.use("member.invited", user="bob")
    events = bench.use("report.exported" if moment == "first_report" else "member.invited", user="ann", quantity=2)
    return [(one.meter, int(one.value or 0)) for one in offer(events).evidence]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("boost: 2", [("exports", 2)], id="the moment"),
        pytest.param("not_before: {meters.shares: 2}", [("exports", 2), ("shares", 2)], id="what must come first"),
        pytest.param("not_before: {meters.exports: 1}", [("exports", 2)], id="not the same again"),
        pytest.param("for: sharing", [("exports", 2), ("shares", 2), ("opened", 1)], id="behind segments and levels"),
        pytest.param("for: total(meters.invites) >= 1", [("exports", 2), ("invites", 1)], id="of all users"),
        pytest.param("for: account.plan == 'free'", [("exports", 2)], id="what is no usage is none"),
    ],
)
def test_what_the_offer_asked_about_is_shown(line: str, expected: list[tuple[str, int]]) -> None:
    """S15, S60: every offer has usage to show for it; what the guardrails ask of all offers is none of its own."""
    assert shown(line) == expected


def test_a_meter_by_user_is_that_of_the_user_whose_offer_it_is() -> None:
    assert shown("for: total(meters.invites) >= 3 && meters.shares > 1", "inviting") == [("invites", 2), ("shares", 2)]


NUMBERS: Final = {"group": "eu", "value": Decimal(9)}


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        pytest.param(
            Passed(GrowthMoment("m", "exports", Decimal("0.5"), Unit.MONTH, 2, Decimal(1), D), T0, percent=Decimal(62)),
            {"kind": MomentKind.GROWTH, "percent": Decimal(62), "meter": "exports"},
            id="growth",
        ),
        pytest.param(
            Passed(
                ForecastMoment("m", "exports", 10, Decimal("0.8"), D),
                T0,
                value=Decimal(9),
                limit=Decimal(10),
                date=20_525,
                confidence=Decimal("0.85"),
            ),
            {"kind": MomentKind.FORECAST, "date": "2026-03-13", "confidence": Decimal("0.85"), "limit": Decimal(10)},
            id="forecast",
        ),
        pytest.param(
            Passed(HabitMoment("m", "exports", Decimal(5), D), T0, value=Decimal(5), group="eu"),
            {"kind": MomentKind.HABIT, "group": "eu", "value": Decimal(5)},
            id="a group",
        ),
    ],
)
def test_each_kind_of_moment_shows_its_own_numbers(passed: Passed, told: dict[str, object]) -> None:
    found = evidence(passed).model_dump()
    assert {name: found[name] for name in told} == told
