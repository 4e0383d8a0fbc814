"""Accounts of the probe: judged by a set of their own, and told of to front ends alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from oracle.language.reading import rules_of
from oracle.messages import Refused
from oracle.records import OFFERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.language.rules import Rules
    from oracle.messages import Message
    from oracle.telling import Event

MARK: Final = "rung-probe:"
SOURCE: Final = "rung/probe"

PRODUCT: Final = """\
product: rung-probe
currency: USD
history: starts_empty
events: {probe.asked: {}}
meters: {asked: {count: probe.asked, by: user}}
plans: [{id: probe, price: 0}]
placements: [probe]
"""

PLAYBOOK: Final = """\
playbook: rung-probe
moments:
  asked: {milestone: asked, reaches: 1}
offers:
  answer:
    on: [asked]
    nurture: probe
    content: {title: Rung works}
    placements: [probe]
    open_for: 1h
"""


def is_probe(account: str) -> bool:
    """Whether the account is one of a probe."""
    return account.startswith(MARK)


@cache
def probe_rules(version: int) -> Rules:
    """The probe's set, under the version that is in force for all others."""
    return replace(rules_of([("product", PRODUCT), ("playbook", PLAYBOOK)], 0), version=version)


def check_sender(message: Message) -> None:
    """Of accounts of the probe, only the probe may speak; raises `Refused`."""
    if is_probe(message.account) and message.source != SOURCE:
        raise Refused("invalid")


def public(account: str, events: Iterable[Event]) -> list[Event]:
    """What may be told of what one input came to."""
    return [event for event in events if event.topic == OFFERS or not is_probe(account)]
