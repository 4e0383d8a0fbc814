"""Responses: what a front end reports of an offer. Intake only; the engine judges what it means."""

from enum import StrEnum
from typing import Literal

from schemas.envelope import Envelope, Id, Intake


class ResponseKind(StrEnum):
    """What a person did with an offer. Part of the wire: add, never rename."""

    PRESENTED = "presented"  # it was on the screen
    CLICKED = "clicked"
    ACCEPTED = "accepted"  # they said yes; the purchase itself is an account fact
    DISMISSED = "dismissed"  # one action, and it stays away
    SNOOZED = "snoozed"  # not now


class ResponseData(Intake):
    """One report; the envelope's ``id`` is made by the client, so that a repeated one is recognised."""

    offer: Id
    response: ResponseKind
    user: Id | None = None
    placement: Id | None = None
    option: Id | None = None


class Responded(Envelope):
    """A person did something with an offer; ``subject`` is the account."""

    type: Literal["rung.responded"] = "rung.responded"
    data: ResponseData
