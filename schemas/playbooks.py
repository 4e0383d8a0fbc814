"""The set: the product document and all playbooks, published together. The record's offset is the set's version."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Data, Envelope, Id


class SourceFile(Data):
    """One document as the operator wrote it."""

    path: Id
    text: str


class WholeSet(Data):
    """The whole set; a record whose ``expects`` is not the version before it is refused (two operators at once).

    ``backfill``: history is replayed under it, so what is new in it counts as published before all time.
    """

    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]
    expects: Annotated[int, Field(ge=0)] | None = None
    by: str | None = None
    why: str | None = None
    backfill: bool = False


class OldSet(WholeSet):
    """The set as it was at version ``to``, whole, so that no reader has to go back for it."""

    to: Annotated[int, Field(ge=0)]


class Switch(Data):
    """Stop one offer of the set, or let it go on."""

    offer: Id
    by: str | None = None
    why: str | None = None


class SetPublished(Envelope):
    """A set takes effect; ``subject`` is the product. Offers that were paused stay so."""

    type: Literal["rung.set_published"] = "rung.set_published"
    data: WholeSet


class SetRolledBack(Envelope):
    """An older set takes effect again, as a new version. Offers that were paused stay so."""

    type: Literal["rung.set_rolled_back"] = "rung.set_rolled_back"
    data: OldSet


class OfferPaused(Envelope):
    """The offer is made to nobody from the next commit on; open ones are revoked."""

    type: Literal["rung.offer_paused"] = "rung.offer_paused"
    data: Switch


class OfferResumed(Envelope):
    """The offer may be made again."""

    type: Literal["rung.offer_resumed"] = "rung.offer_resumed"
    data: Switch


PlaybookEvent = SetPublished | SetRolledBack | OfferPaused | OfferResumed
"""Closed."""
