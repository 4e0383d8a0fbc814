"""Events as the engine must have published them: plain JSON, decimals as text, what is unknown left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oracle import ids
from oracle.records import DECISIONS, OFFERS, OUTCOMES
from oracle.times import told

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.detecting.scene import Scene
    from oracle.messages import Message
    from oracle.state import Open

SOURCE: Final = "rung/trigger_engine"


class Event(NamedTuple):
    """An event that must stand on ``topic``."""

    topic: str
    account: str
    body: dict[str, Any]


def known(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def text(number: object) -> str | None:
    """A decimal as it stands in messages."""
    return None if number is None else str(number)


def event(topic: str, kind: str, account: str, now: int, event_id: str, data: dict[str, Any]) -> Event:
    """An event of the engine's own."""
    body = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": f"rung.{kind}",
        "subject": account,
        "time": told(now),
        "datacontenttype": "application/json",
        "data": data,
    }
    return Event(topic, account, body)


def offer_event(scene: Scene, kind: str, offer: Open, data: dict[str, Any]) -> Event:
    """One change of an offer, for who shows offers."""
    event_id = ids.made_of("offer_event", offer.offer_id, offer.sequence)
    return event(OFFERS, kind, scene.id, scene.now, event_id, data)


def outcome(scene: Scene, offer: Open, change: str, at: int, **more: Any) -> Event:
    """The same change for analysis, with all that the decision knew."""
    account, product = scene.account, scene.rules.product
    data = known(
        offer_id=offer.offer_id,
        sequence=offer.sequence,
        change=change,
        at=told(at),
        offer=offer.offer,
        playbook=offer.playbook,
        family=offer.family,
        verb=offer.verb,
        target=offer.target,
        moment=offer.moment,
        moment_kind=offer.kind,
        step=text(offer.step),
        user=offer.user,
        plan=account.plan(product),
        term=account.term(),
        seats=account.seats(),
        segments=list(offer.segments),
        levels=offer.levels,
        report=offer.report,
        price_difference=text(offer.price_difference),
        currency=product.currency,
        held_out=offer.held_out,
        variant=offer.variant,
        version=offer.version,
        made_at=told(offer.made_at),
        decision_id=offer.decision_id,
        **more,
    )
    event_id = ids.made_of("outcome", offer.offer_id, change, offer.sequence)
    return event(OUTCOMES, "offer_judged", scene.id, scene.now, event_id, data)


def decision(scene: Scene, decision_id: str, data: dict[str, Any]) -> Event:
    """What was decided."""
    return event(DECISIONS, "decided", scene.id, scene.now, decision_id, data)


def accepted(
    fact: Message, now: int, currency: str | None = None, *, monthly: Decimal | None = None, once: Decimal | None = None
) -> Event:
    """A fact that changed what is known of the account, what it pays a month since, and what was paid once by it."""
    data = known(
        fact=fact.type,
        fact_id=fact.id,
        fact_source=fact.source,
        at=fact.time,
        value=_as_sent(fact),
        monthly=text(monthly),
        once=text(once),
        currency=currency,
    )
    event_id = ids.made_of("fact", fact.account, fact.source, fact.id)
    return event(OUTCOMES, "fact_accepted", fact.account, now, event_id, data)


def _as_sent(fact: Message) -> dict[str, Any]:
    """A fact's data with its defaults; a number as text. Of an attribute, null is the message."""
    keeps_null = fact.type == "rung.attribute_set"
    return {name: _plain(value) for name, value in fact.data.items() if keeps_null or value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return value if value is None or isinstance(value, str | bool | int) else str(value)


def erased(fact: Message, now: int) -> Event:
    """All offers of the account are to be deleted."""
    event_id = ids.made_of("erasure", fact.account, fact.source, fact.id)
    return event(OFFERS, "offers_erased", fact.account, now, event_id, {"at": told(now)})
