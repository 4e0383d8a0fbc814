"""Ids are derived from what they identify: same input, same id, in every replay and on every machine."""

import json
from typing import Final
from uuid import UUID, uuid5

NAMESPACE: Final = UUID("6b1f0c1e-6c5d-5d0a-9a1b-72756e670001")
FORMAT: Final = 1
"""First field of every name; a change of what a name is made of needs a new one."""

Field = str | int | None | list[str]

canonical: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Names as JSON with one way to write them; the encoder is made once, since making it takes longer than encoding."""


def derived(kind: str, *fields: Field) -> str:
    """uuid5 over a canonical JSON array: format, kind and the fields that identify the thing, in a fixed order."""
    return str(uuid5(NAMESPACE, canonical([FORMAT, kind, *fields])))


def offer_id(account: str, offer: str, moment: str, occurrence: str) -> str:
    """One offer made at one occurrence of a moment of one account."""
    return derived("offer", account, offer, moment, occurrence)


def decision_id(account: str, occurrences: list[str], attempt: int) -> str:
    """One attempt to decide what fired together; the order in which it fired does not matter."""
    return derived("decision", account, sorted(occurrences), attempt)


def offer_event_id(of_offer: str, sequence: int) -> str:
    """One change of one offer, on ``rung.offers``."""
    return derived("offer_event", of_offer, sequence)


def outcome_id(of_offer: str, change: str, sequence: int) -> str:
    """The same change, told for analysis."""
    return derived("outcome", of_offer, change, sequence)


def erasure_id(account: str, source: str, event: str) -> str:
    """The word on ``rung.offers`` that an account was erased."""
    return derived("erasure", account, source, event)


def fact_id(account: str, source: str, event: str) -> str:
    """One accepted fact, told for analysis."""
    return derived("fact", account, source, event)
