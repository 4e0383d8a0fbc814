"""For backends: tell what happens in your product, read and answer offers, sign tokens for your users.

Emit       `AsyncEmitter`, `Emitter`: usage events and account facts to Kafka, in batches, tried again
Offers     `AsyncOffers`, `Offers`: what may be shown now, whether it still holds, what people did with it
Tokens     `TokenSigner`: what a page of yours needs to ask for the offers of who is logged in

Nothing here knows the services; what goes over the wire is what ``schemas`` and the API's OpenAPI document say.
"""

from rung_client.emitting import AsyncEmitter, NoRoom, NotDelivered
from rung_client.emitting_sync import Emitter
from rung_client.events import Event, EventRefused, fact, usage
from rung_client.model import (
    AfterNo,
    Check,
    Content,
    Evidence,
    Gain,
    Offer,
    Option,
    Price,
    ResponseKind,
    Saving,
)
from rung_client.offers import AsyncOffers, Offers
from rung_client.problems import Away, OfferOver, Problem
from rung_client.requests import Response
from rung_client.tokens import TokenSigner, new_key

__all__ = [
    "AfterNo",
    "AsyncEmitter",
    "AsyncOffers",
    "Away",
    "Check",
    "Content",
    "Emitter",
    "Event",
    "EventRefused",
    "Evidence",
    "Gain",
    "NoRoom",
    "NotDelivered",
    "Offer",
    "OfferOver",
    "Offers",
    "Option",
    "Price",
    "Problem",
    "Response",
    "ResponseKind",
    "Saving",
    "TokenSigner",
    "fact",
    "new_key",
    "usage",
]
