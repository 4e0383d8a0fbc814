"""An offer without words of its own is named by the catalogue, and says what earned it in the account's own numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.facts import PlanChanged
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.deciding.candidate import Candidate, Shared
from services.trigger_engine.domain.deciding.generated import generated
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import (
    AttemptMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    TenureMoment,
)
from tests.trigger_engine.domain.building import T0, D, offer, rules
from tests.trigger_engine.domain.deciding.selling import REPORT, bench, made

if TYPE_CHECKING:
    from services.trigger_engine.domain.playbook.moments import AnyMoment


@pytest.mark.parametrize(
    ("does", "plan", "title"),
    [
        pytest.param("upgrade_to: next on work", "free", "Upgrade to team", id="a plan"),
        pytest.param("add: photos", "free", "Add photos", id="a product"),
        pytest.param("bundle: creative", "free", "photos, sign and scan together", id="a bundle"),
        pytest.param("seats: 1", "team", "1 more seat", id="a seat"),
        pytest.param("seats: 3", "team", "3 more seats", id="seats"),
        pytest.param("term: three_years", "enterprise", "Change to three years", id="a term"),
        pytest.param("highlight: history", "free", "Have a look at history", id="a feature"),
        pytest.param("nurture: sharing_basics", "free", "About sharing basics", id="a topic"),
        pytest.param("task: csm", "free", "Look into first report", id="a task"),
        pytest.param("choose_from: [photos, pair]", "free", "Choose from pair and photos", id="several"),
    ],
)
def test_without_words_the_catalogue_speaks(does: str, plan: str, title: str) -> None:
    content = made(does, plan=plan, seats=5, term="year").content
    assert (content.title, content.body) == (title, "Your exports: 1.")


def test_at_a_limit_it_says_how_much_of_it_is_used() -> None:
    full = bench("upgrade_to: plus", moment="full: {limit: storage_gb}")
    full.tell(PlanChanged, plan="free")
    assert offer(full.store("1.90")).content.body == "Your storage gb: 1.9 of 2."


USED = Decimal("9.50")


@pytest.mark.parametrize(
    ("moment", "numbers", "body"),
    [
        pytest.param(
            AttemptMoment("m", "x", "exports", D),
            {"value": Decimal(3), "limit": Decimal(3)},
            "Your exports: 3 of 3.",
            id="attempt",
        ),
        pytest.param(HabitMoment("m", "exports", Decimal(5), D), {"value": Decimal(5)}, "Your exports: 5.", id="habit"),
        pytest.param(
            GrowthMoment("m", "exports", Decimal("0.5"), Unit.MONTH, 2, Decimal(1), D),
            {"value": USED, "percent": Decimal(62)},
            "Your exports grew by 62%.",
            id="growth",
        ),
        pytest.param(
            ForecastMoment("m", "storage_gb", 10, Decimal("0.8"), D),
            {"value": USED, "limit": Decimal(10), "date": 20_525},
            "Your storage gb will come to 10 by 2026-03-13.",
            id="forecast",
        ),
        pytest.param(TenureMoment("m", "created", 12, D), {}, None, id="no number"),
    ],
)
def test_each_kind_of_moment_tells_its_own_number(
    moment: AnyMoment, numbers: dict[str, Decimal], body: str | None
) -> None:
    made_of = rules([REPORT], ["it: {on: [first_report], highlight: roles}"])
    passed = Passed(moment, T0, **numbers)  # type: ignore[arg-type]  # fields by name
    found = Candidate(
        made_of.by_name["it"], made_of.alike["it"], passed, Shared(), shown=made("highlight: history").options
    )
    assert generated(found).body == body
