"""The names that conditions can read, each with its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.conditions.condition import condition_of
from oracle.conditions.kinds import FLAG, LENGTH, NUMBER, TEXT, TEXTS, TIME, WHOLE
from oracle.conditions.tokens import BadCondition
from oracle.language.scalars import NotASet, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oracle.conditions.condition import Condition
    from oracle.language.meter import Meter
    from oracle.language.scalars import Node

Names = dict[str, str]

ACCOUNT: Final[Mapping[str, str]] = {
    "id": TEXT,
    "created": TIME,
    "age": LENGTH,
    "plan": TEXT,
    "plan_since": TIME,
    "term": TEXT,
    "term_since": TIME,
    "term_ends": TIME,
    "seats": WHOLE,
    "price": NUMBER,
    "owned": TEXTS,
    "locale": TEXT,
    "zone": TEXT,
    "open_tickets": WHOLE,
    "onboarding": TEXT,
    "cancelling": FLAG,
    "payment_failed": FLAG,
    "user_count": WHOLE,
}
RESERVED: Final = (
    "account", "event", "meters", "limit", "now", "known", "total", "not", "and", "or", "in", "true", "false",
    "otherwise",
)  # fmt: skip
"""What no level and no segment can be called."""


def names_of(facts: Mapping[str, str], meters: Iterable[Meter]) -> Names:
    """What is asked of an account; ``facts`` by name with their kind."""
    names = {"now": TIME} | {f"account.{name}": kind for name, kind in {**ACCOUNT, **facts}.items()}
    for meter in meters:
        if meter.of_account:
            names |= {f"meters.{meter.name}": NUMBER, f"limit.{meter.name}": NUMBER}
        else:
            names[f"total(meters.{meter.name})"] = NUMBER
    return names


def with_users_meters(names: Names, meters: Iterable[Meter]) -> Names:
    """``names`` where the moment is one user's: also that user's meters."""
    return names | {f"meters.{meter.name}": NUMBER for meter in meters if meter.by_user}


def names_of_event(properties: Mapping[str, str]) -> Names:
    """What ``where`` reads of an event with these properties."""
    names = {"event.user": TEXT, "event.quantity": NUMBER}
    return names | {f"event.{name}": kind.removesuffix("?") for name, kind in properties.items()}


def condition(node: Node, names: Names, what: str) -> Condition:
    """The condition at ``node``; raises `NotASet` when it is none."""
    try:
        return condition_of(text(node, what), names)
    except BadCondition as bad:
        raise NotASet(f"{what}: {bad}") from None
