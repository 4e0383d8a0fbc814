"""Sets in which something bounds the offers, and what comes of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schemas.offers import OfferRevoked
from schemas.outcomes import OfferJudged
from tests.trigger_engine.domain.building import PRODUCT, Bench, compiled, playbook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.envelope import Envelope
    from services.trigger_engine.domain.playbook.sets import CompiledSet

FACTS: Final = """
facts:
  industry: text
  health: number
  team: {type: whole, default: 1}
  beta: flag
"""
LEVELS: Final = """
levels:
  engagement:
    - high: meters.shares >= 5
    - low: meters.shares >= 1
    - disengaged: otherwise
"""
REPORT: Final = "first_report: {milestone: exports, reaches: 1}"
MORE_REPORTS: Final = "more_reports: {milestone: exports, reaches: 2}"
PHOTOS: Final = "photos_offer: {on: [first_report], add: photos}"


def bound(
    moments: Iterable[str], offers: Iterable[str], guardrails: str = "", product: str = "", more: str = ""
) -> CompiledSet:
    """The small product with ``guardrails`` and the sections ``product``; ``more`` are sections of the playbook."""
    told = f"{PRODUCT}{FACTS}{product}"
    if guardrails:
        told += f"guardrails: {guardrails}\n"
    return compiled(told, f"{playbook(moments, offers)}\n{more}")


def one(offer: str, guardrails: str = "", product: str = "", more: str = "") -> Bench:
    """A bench with one offer, for the first report that is exported: ``add: photos`` and what ``offer`` says of it."""
    beside = f", {offer}" if offer else ""
    made_of = bound([REPORT], [f"photos_offer: {{on: [first_report], add: photos{beside}}}"], guardrails, product, more)
    return Bench(made_of)


def why_revoked(events: Iterable[Envelope]) -> list[str]:
    """The reasons of all that was taken back."""
    return [event.data.reason for event in events if isinstance(event, OfferRevoked)]


def changes(events: Iterable[Envelope]) -> list[str]:
    """What became of offers, for analysis."""
    return [event.data.change.value for event in events if isinstance(event, OfferJudged)]


def known(bench: Bench, account: str = "acme") -> Any:
    """The account."""
    return bench.account(account)
