"""Offers and the engine's words about them; each names only what matters to the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schemas.offers import (
    AfterNo,
    Content,
    Erasure,
    Evidence,
    Gain,
    MomentKind,
    Offer,
    OfferAccepted,
    OfferChange,
    OfferChanged,
    OfferClicked,
    OfferDismissed,
    OfferEnd,
    OfferExpired,
    OfferMade,
    OfferPresented,
    OfferRevoked,
    OffersErased,
    OfferSnooze,
    OfferSnoozed,
    OfferWhole,
    Option,
    Price,
    Verb,
)
from services.offer_api.domain.row import OfferRow, fold

if TYPE_CHECKING:
    from services.offer_api.domain.row import OfferWord

NOW = datetime(2026, 3, 4, 10, 12, tzinfo=UTC)
"""For what needs no real clock."""

FAR = datetime(2126, 1, 1, tzinfo=UTC)
SOURCE = "rung.trigger_engine"


def an_offer(offer_id: str = "o1", **changes: Any) -> Offer:
    made = Offer(
        offer_id=offer_id,
        offer="more_storage",
        playbook="storage",
        family="capacity",
        verb=Verb.UPGRADE_TO,
        placements=("banner", "upgrade_page"),
        content=Content(title="You have used 1.8 of 2 GB"),
        options=(
            Option(
                id="plus",
                kind="plan",
                price=Price(amount=Decimal(10), currency="USD", term="month"),
                gains=(Gain(what="storage_gb", before="2", after="2000"),),
            ),
        ),
        evidence=(
            Evidence(
                moment="storage_full",
                kind=MomentKind.LIMIT,
                meter="storage_gb",
                value=Decimal("1.8"),
                limit=Decimal(2),
                step=Decimal("0.9"),
                happened_at=NOW,
            ),
        ),
        after_a_no=AfterNo(rule="30d", seconds=2_592_000),
        made_at=NOW,
        expires_at=FAR,
        version=7,
        decision_id="d1",
    )
    return made.model_copy(update=changes)


def made(account: str = "acme", offer: Offer | None = None, sequence: int = 1) -> OfferMade:
    data = OfferWhole(sequence=sequence, offer=offer or an_offer())
    return OfferMade(id=_id(data.offer.offer_id, sequence), source=SOURCE, subject=account, time=NOW, data=data)


def changed(account: str, offer: Offer, sequence: int) -> OfferChanged:
    data = OfferWhole(sequence=sequence, offer=offer)
    return OfferChanged(id=_id(offer.offer_id, sequence), source=SOURCE, subject=account, time=NOW, data=data)


STEPS = {
    "presented": OfferPresented,
    "clicked": OfferClicked,
    "accepted": OfferAccepted,
    "dismissed": OfferDismissed,
    "expired": OfferExpired,
}


def step(what: str, sequence: int, offer_id: str = "o1", account: str = "acme", response: str | None = None) -> Any:
    """What the engine says when an offer was ``presented``, ``clicked``, ``accepted``, ``dismissed`` or ``expired``."""
    data = OfferChange(sequence=sequence, offer_id=offer_id, at=NOW, response_id=response)
    return STEPS[what](id=_id(offer_id, sequence), source=SOURCE, subject=account, time=NOW, data=data)


def revoked(sequence: int, offer_id: str = "o1", account: str = "acme") -> OfferRevoked:
    data = OfferEnd(sequence=sequence, offer_id=offer_id, at=NOW, reason="superseded")
    return OfferRevoked(id=_id(offer_id, sequence), source=SOURCE, subject=account, time=NOW, data=data)


def snoozed(sequence: int, until: datetime, offer_id: str = "o1", account: str = "acme") -> OfferSnoozed:
    data = OfferSnooze(sequence=sequence, offer_id=offer_id, at=NOW, until=until)
    return OfferSnoozed(id=_id(offer_id, sequence), source=SOURCE, subject=account, time=NOW, data=data)


def erased(account: str = "acme") -> OffersErased:
    return OffersErased(id=f"erased-{account}", source=SOURCE, subject=account, time=NOW, data=Erasure(at=NOW))


def a_row(*words: OfferWord) -> OfferRow:
    """The row that ``words`` make of ``o1`` of ``acme``, at offsets from 0."""
    row = None
    for offset, word in enumerate(words or (made(),)):
        row = fold(row, word, offset)
    assert row is not None
    return row


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def _id(offer_id: str, sequence: int) -> str:
    return f"{offer_id}-{sequence}"
