"""Ladders of products and features: the next is offered once the one before it is in use, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from schemas.facts import PlanChanged, ProductBought
from tests.trigger_engine.domain.building import T0, Bench, decision, offer, rules
from tests.trigger_engine.domain.deciding.selling import REPORT

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTES: Final = """
product: notes
default_plan: free
facts: {calm: flag}
events: {page.written: {}, table.filled: {}, report.exported: {}}
meters:
  pages: {count: page.written}
  tables: {count: table.filled}
  exports: {count: report.exported}
plans:
  - {id: free, price: 0, features: [docs]}
  - {id: plus, price: {month: 10}, features: [docs, wikis]}
ladders:
  personal: [free, plus]
  adoption: [docs, databases, wikis, ai]
  quick:    [docs, forms, ai]
products:
  - {id: databases, price: {month: 4}}
  - {id: forms, price: {month: 2}}
  - {id: ai, price: {month: 8}}
in_use:
  docs:      meters.pages >= 3
  databases: meters.tables >= 2
  wikis:     account.calm
  forms:     meters.exports >= 9
placements: [here]
"""


def reported(does: str, owns: Sequence[str] = (), pages: int = 0, tables: int = 0, **plan: Any) -> Bench:
    """An account about to export its first report."""
    made = Bench(rules([REPORT], [f"it: {{on: [first_report], {does}}}"], product=NOTES))
    if plan:
        made.tell(PlanChanged, **plan)
    for place, name in enumerate(owns, 1):
        made.tell(ProductBought, product=name, at=T0 + place)
    if pages:
        made.use("page.written", quantity=pages)
    if tables:
        made.use("table.filled", quantity=tables)
    return made


def why(*args: Any, **more: Any) -> tuple[str | None, str | None, str | None]:
    (found,) = decision(reported(*args, **more).use("report.exported")).candidates
    return (None if found.reason is None else found.reason.value), found.detail, found.target


def offered(*args: Any, **more: Any) -> tuple[str, str]:
    (option,) = offer(reported(*args, **more).use("report.exported")).options
    return option.kind, option.id


@pytest.mark.parametrize(
    ("pages", "expected"), [(2, ("not_in_use", "docs", "databases")), (3, (None, None, "databases"))]
)
def test_the_next_is_offered_once_the_one_before_is_in_use(
    pages: int, expected: tuple[str | None, str | None, str | None]
) -> None:
    """S39: the next product on the adoption path, only after the previous one is in active use."""
    assert why("add: databases", pages=pages) == expected


def test_the_lowest_rung_needs_nothing_before_it() -> None:
    product = NOTES.replace("adoption: [docs, databases, wikis, ai]", "adoption: [databases, wikis, ai]")
    product = product.replace("  quick:    [docs, forms, ai]\n", "")
    made = Bench(rules([REPORT], ["it: {on: [first_report], add: databases}"], product=product))
    assert offer(made.use("report.exported")).options[0].id == "databases"


def test_one_ladder_that_is_climbed_is_enough() -> None:
    assert why("add: ai", pages=3) == ("unknown", "account.calm", "ai")
    made = reported("add: ai")
    made.use("report.exported", quantity=9)
    assert made.account("acme").offers[0].target == "ai"


def test_what_is_not_known_to_be_in_use_waits() -> None:
    """Anything but a yes is a no: whether wikis are in use is a fact that nobody told."""
    assert why("add: ai") == ("unknown", "account.calm", "ai")


@pytest.mark.parametrize(
    ("owns", "pages", "tables", "plan", "expected"),
    [
        pytest.param([], 3, 0, "free", ("product", "databases"), id="the first that they have not"),
        pytest.param(["databases"], 3, 2, "free", ("plan", "plus"), id="a feature comes with the plan that has it"),
    ],
)
def test_next_on_a_ladder_of_products_is_what_the_account_has_not(
    owns: list[str], pages: int, tables: int, plan: str, expected: tuple[str, str]
) -> None:
    """S39, S40: docs, then databases, then wikis."""
    assert offered("upgrade_to: next on adoption", owns, pages, tables, plan=plan) == expected


@pytest.mark.parametrize(
    ("owns", "pages", "plan", "expected"),
    [
        pytest.param([], 0, "free", ("not_in_use", "docs", "databases"), id="too early for a product"),
        pytest.param(["databases"], 3, "free", ("not_in_use", "databases", "wikis"), id="too early for a feature"),
        pytest.param(["databases", "ai"], 3, "plus", ("top_rung", "ai", None), id="has all of it"),
        pytest.param([], 3, "gone", ("not_on_ladder", "adoption", None), id="does not stand on it"),
    ],
)
def test_and_nothing_else(
    owns: list[str], pages: int, plan: str, expected: tuple[str | None, str | None, str | None]
) -> None:
    assert why("upgrade_to: next on adoption", owns, pages, plan=plan) == expected


def test_what_goes_with_it_waits_for_the_rung_before_it_too() -> None:
    product = NOTES.replace(
        "{id: databases, price: {month: 4}}", "{id: databases, price: {month: 4}, goes_with: {plus: 2}}"
    )
    made = Bench(rules([REPORT], ["it: {on: [first_report], add: complement}"], product=product))
    made.tell(PlanChanged, plan="plus")
    assert decision(made.use("report.exported")).reason == "not_in_use"


def test_too_early_is_no_reason_not_to_stand_beside_something() -> None:
    made = reported("choose_from: [forms, databases, plus]")
    assert [option.id for option in offer(made.use("report.exported")).options] == ["plus", "databases", "forms"]


@pytest.mark.parametrize("does", ["highlight: databases", "highlight: wikis"])
def test_a_highlight_is_bound_by_no_ladder(does: str) -> None:
    """S23: after the use of one feature another is announced; the playbook says when."""
    assert why(does)[0] is None
