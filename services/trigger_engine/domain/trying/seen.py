"""What came to offers, in the terms of what a scenario expects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.decisions import Decided, Decision
from schemas.envelope import Envelope
from schemas.offers import Gain, Offer, OfferChanged, OfferExpired, OfferMade, OfferRevoked, Option
from services.trigger_engine.domain.playbook.scenario import Came, Choice

HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that came to the offer of this name; what does not go with it is None."""

    came: Came
    offer: str
    because: str | None = None
    user: str | None = None
    step: Decimal | None = None
    title: str | None = None
    body: str | None = None
    options: tuple[Choice, ...] | None = None
    mark: str | None = None
    note: str | None = None


def decisions(events: Iterable[Envelope]) -> list[Decision]:
    """The decisions among ``events``, in their order."""
    return [event.data for event in events if isinstance(event, Decided)]


def offers(events: Iterable[Envelope]) -> dict[str, Offer]:
    """Each offer made or changed by its id, as it was last."""
    made = (event.data.offer for event in events if isinstance(event, OfferMade | OfferChanged))
    return {offer.offer_id: offer for offer in made}


def seen(events: Sequence[Envelope], known: Mapping[str, Offer]) -> list[Seen]:
    """All that ``events`` say came to offers, in their order; ``known`` are the offers of the story so far, by id."""
    return [one for event in events for one in _of(event, known)]


def _of(event: Envelope, known: Mapping[str, Offer]) -> Iterator[Seen]:
    match event:
        case OfferMade():
            yield _offer(Came.MADE, event.data.offer)
        case OfferChanged():
            yield _offer(Came.CHANGED, event.data.offer)
        case OfferRevoked():
            yield _offer(Came.REVOKED, known[event.data.offer_id], event.data.reason)
        case OfferExpired():
            yield _offer(Came.EXPIRED, known[event.data.offer_id])
        case Decided():
            yield from _withheld(event.data)
        case _:  # what people did, and what is told for analysis
            return


def _offer(came: Came, offer: Offer, because: str | None = None) -> Seen:
    return Seen(
        came,
        offer.offer,
        because,
        offer.user,
        offer.evidence[0].step if offer.evidence else None,
        offer.content.title,
        offer.content.body,
        tuple(choice(option) for option in offer.options),
        next((option.id for option in offer.options if option.recommended), None),
        offer.note,
    )


def choice(option: Option) -> Choice:
    """All that is told of one option."""
    return Choice(
        option.id,
        option.items,
        option.quantity,
        None if option.price is None else {option.price.term: option.price.amount},
        None if option.saving is None else option.saving.percent / HUNDRED,
        {gain.what: _gain(gain) for gain in option.gains},
    )


def _gain(gain: Gain) -> str:
    return gain.after if gain.before is None else f"{gain.before} to {gain.after}"


def _withheld(decision: Decision) -> Iterator[Seen]:
    steps = {moment.moment: moment.step for moment in decision.moments}
    for candidate in decision.candidates:
        if candidate.reason is not None:
            reason, step = candidate.reason.value, steps.get(candidate.moment)
            yield Seen(Came.WITHHELD, candidate.offer, reason, decision.user, step)
