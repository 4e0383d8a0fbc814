"""The names a condition can read: of which kind each is, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.trigger_engine.domain.conditions.cel import Checker
from services.trigger_engine.domain.conditions.kinds import Kind


class Scope(StrEnum):
    """The first word of a qualified name."""

    ACCOUNT = "account"
    EVENT = "event"
    METERS = "meters"
    LIMIT = "limit"


NOW: Final = "now"
KNOWN: Final = "known"
TOTAL: Final = "total"
NOT: Final = "not"

FUNCTIONS: Final[Mapping[str, str]] = {
    KNOWN: "whether a name has a value: known(account.health)",
    TOTAL: "what a meter by user, or by a property, stands at for the whole account: total(meters.invites)",
    "size": "how many: size(account.owned)",
    "double": "a whole number as a number: double(account.seats)",
    "startsWith": "how a text begins: account.plan.startsWith('pro')",
    "endsWith": "how a text ends: account.id.endsWith('-test')",
    "contains": "what is somewhere in a text: account.industry.contains('care')",
    "matches": "a regular expression (RE2) somewhere in a text: account.id.matches('^eu-')",
    "timestamp": "a time: timestamp('2026-03-01T00:00:00Z')",
}
"""All of them, with what each is for. None asks a clock, and none fails on a value that is there."""

RESERVED: Final = (*Scope, NOW, KNOWN, TOTAL, NOT, "and", "or", "in", "true", "false", "otherwise")
"""Words that no level and no segment can have as its name."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A name that every product has."""

    kind: Kind
    meaning: str


ACCOUNT: Final[Mapping[str, BuiltIn]] = {
    "id": BuiltIn(Kind.TEXT, "its id"),
    "created": BuiltIn(Kind.TIME, "when it was created"),
    "age": BuiltIn(Kind.DURATION, "how long ago that was"),
    "plan": BuiltIn(Kind.TEXT, "id of the plan it is on"),
    "plan_since": BuiltIn(Kind.TIME, "since when it is on that plan"),
    "term": BuiltIn(Kind.TEXT, "id of the term it pays for"),
    "term_since": BuiltIn(Kind.TIME, "when that term began"),
    "term_ends": BuiltIn(Kind.TIME, "when that term ends"),
    "seats": BuiltIn(Kind.WHOLE, "seats it pays for"),
    "price": BuiltIn(Kind.NUMBER, "what it pays a month for plan and products, in the product's currency"),
    "owned": BuiltIn(Kind.TEXTS, "ids of the products it owns beside the plan"),
    "locale": BuiltIn(Kind.TEXT, "its language, as the backend names it"),
    "zone": BuiltIn(Kind.TEXT, "its time zone, such as Europe/Berlin"),
    "open_tickets": BuiltIn(Kind.WHOLE, "support tickets that are open"),
    "onboarding": BuiltIn(Kind.TEXT, "'not_started', 'started', 'completed' or 'abandoned'"),
    "cancelling": BuiltIn(Kind.FLAG, "whether it is about to leave, or has left"),
    "payment_failed": BuiltIn(Kind.FLAG, "whether a payment failed and was not recovered"),
    "user_count": BuiltIn(Kind.WHOLE, "users that were seen"),
}
"""What is known of each account, by the name behind ``account.``."""

EVENT: Final[Mapping[str, BuiltIn]] = {
    "user": BuiltIn(Kind.TEXT, "who it was, where the event tells"),
    "quantity": BuiltIn(Kind.NUMBER, "how many it stands for, 1 unless said"),
}
"""What every event has beside its properties, by the name behind ``event.``."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a condition in some place can read, each with its kind.

    ``refused`` are names that exist and can not be read there, each with what to do instead.
    """

    kinds: Mapping[str, Kind]
    refused: Mapping[str, str] = field(default_factory=dict)
    checker: Checker = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        declared = {inner(name): kind for name, kind in self.kinds.items()}
        asked = {inner(name, asked=True): Kind.FLAG for name in self.kinds}
        object.__setattr__(self, "checker", Checker({**declared, **asked}))  # one for all conditions over these names

    def plus(self, kinds: Mapping[str, Kind], refused: Mapping[str, str] | None = None) -> "Names":
        """These and more; a name that was refused until now is not any more. A segment is a flag by its own name."""
        still = {name: told for name, told in self.refused.items() if name not in kinds}
        return Names({**self.kinds, **kinds}, {**still, **(refused or {})})


def total(name: str) -> str:
    """The name under which the whole account's number of a meter is read: ``total(meters.invites)``."""
    return f"{TOTAL}({name})"


def inner(name: str, *, asked: bool = False) -> str:
    """``name`` as CEL declares it: a word of its own, that no word of CEL is; ``asked``: whether it is known."""
    begins = "known" if asked else "value"
    if name.startswith(f"{TOTAL}("):
        begins, name = f"{begins}_{TOTAL}", name[len(TOTAL) + 1 : -1]
    return f"{begins}_{name.replace('_', '__').replace('.', '_d')}"
