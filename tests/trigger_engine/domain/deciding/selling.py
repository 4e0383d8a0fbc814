"""A product that sells all there is to sell, and what an account of it is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schemas.facts import PlanChanged, ProductBought
from services.trigger_engine.domain.deciding.candidate import About, Shared
from services.trigger_engine.domain.deciding.candidate import Candidate as Put
from services.trigger_engine.domain.deciding.eligible import eligible
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, T0, Bench, decision, offer, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.decisions import Candidate
    from schemas.offers import Offer, Option

SHOP: Final = """
product: shop
currency: EUR
default_plan: free
terms: {month: 1, year: 12, three_years: 36}
events:
  file.stored: {size_gb: number}
  report.exported: {}
  member.invited: {}
meters:
  storage_gb: {sum: size_gb, of: file.stored}
  exports: {count: report.exported}
  members: {count: member.invited}
plans:
  - {id: free, price: 0, limits: {storage_gb: 2, members: 3}}
  - {id: plus, price: {month: 10, year: 96.10, three_years: 249}, limits: {storage_gb: 2000}, features: [history]}
  - id: team
    price: {month: 18, year: 180}
    per: seat
    limits: {storage_gb: {per_seat: 1000}, members: seats}
    features: [history, roles]
  - id: enterprise
    price: {year: 6000, three_years: 15000}
    limits: {storage_gb: unlimited, members: unlimited}
    features: [history, roles, audit]
    term_features: {three_years: [dedicated_support]}
  - {id: talks, limits: {storage_gb: unlimited}, features: [history, roles, audit, on_site]}
  - {id: relic, price: {month: 1}, limits: {storage_gb: 1}}
ladders:
  personal: [free, plus]
  work: [free, team, enterprise, talks]
products:
  - {id: photos, price: {month: 4, year: 40}, goes_with: {plus: 1.4, team: 1.2}, sort: tool}
  - {id: sign, price: {month: 8, year: 90}, goes_with: {photos: 2, plus: 1.1}}
  - {id: scan, price: {month: 4, year: 44}, goes_with: {photos: 2}}
  - {id: room, price: {month: 3}, adds: {storage_gb: 1000}, repeat: true}
  - {id: cable, price: {once: 12}, goes_with: {photos: 1.5}}
bundles:
  - {id: creative, items: [photos, sign, scan], price: {month: 10, year: 100}}
  - {id: pair, items: [photos, sign], price: {month: 9}}
placements: [banner, modal, csm]
"""
REPORT: Final = "first_report: {milestone: exports, reaches: 1}"


def bench(does: str, guardrails: str = "", moment: str = REPORT, product: str = SHOP) -> Bench:
    """A bench with one offer, on a moment that is called by the moment's name."""
    return Bench(rules([moment], [f"it: {{on: [{moment.partition(':')[0]}], {does}}}"], guardrails, product))


def told(does: str, owns: Sequence[str] = (), *, guardrails: str = "", product: str = SHOP, **plan: Any) -> Bench:
    """The same, whose account is on a plan and owns products."""
    made = bench(does, guardrails, product=product)
    if plan:
        made.tell(PlanChanged, **plan)
    for place, name in enumerate(owns, 1):
        made.tell(ProductBought, product=name, at=T0 + place)
    return made


def made(does: str, owns: Sequence[str] = (), **more: Any) -> Offer:
    """What is offered at the first report."""
    return offer(told(does, owns, **more).use("report.exported"))


def option(does: str, owns: Sequence[str] = (), **more: Any) -> Option:
    """The one thing that is offered."""
    (found,) = made(does, owns, **more).options
    return found


def candidate(does: str, owns: Sequence[str] = (), **more: Any) -> Candidate:
    """How far the offer came, and why no further."""
    (found,) = decision(told(does, owns, **more).use("report.exported")).candidates
    return found


def put(does: str, owns: Sequence[str] = (), **more: Any) -> Put:
    """What the offer would put before the account, at its first report."""
    bench = told(does, owns, **more)
    rules_of = bench.core.rules
    (one,) = rules_of.offers["first_report"]
    found = Put(one, rules_of.alike[one.name], Passed(rules_of.moments["first_report"], T0), Shared())
    about = eligible(found, Situation(ACME, bench.account(ACME), rules_of, T0))
    assert isinstance(about, About)
    found.about = about
    return found


def why(does: str, owns: Sequence[str] = (), **more: Any) -> tuple[str | None, str | None]:
    """Reason and detail; None and None when it was made."""
    found = candidate(does, owns, **more)
    return (None if found.reason is None else found.reason.value), found.detail


def costs(option: Option) -> str | None:
    """What is told of the price: ``10 a month``."""
    found = option.price
    each = " a seat" if found is not None and found.per_seat else ""
    return None if found is None else f"{found.amount:f}{each} a {found.term}"


def saves(option: Option) -> str | None:
    """What is told of the saving: ``6 a month, 37%``."""
    found = option.saving
    return None if found is None else f"{found.amount:f} a {found.term}, {found.percent:f}%"
