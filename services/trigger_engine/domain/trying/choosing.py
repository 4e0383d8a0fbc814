"""Whether an option is as a scenario says of it, and in words what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.scenario import Choice
from services.trigger_engine.domain.playbook.words import shown

HUNDRED: Final = Decimal(100)
DETAILS: Final = tuple(field.name for field in fields(Choice) if field.name != "id")


def chosen_as(said: Choice, came: Choice) -> bool:
    """Whether ``came`` is what ``said`` says, wherever it says something."""
    return said.id == came.id and all(getattr(said, name) in (None, getattr(came, name)) for name in DETAILS)


def told_of(one: Choice, said: Sequence[Choice]) -> str:
    """The id of an option, and of it whatever is ``said`` of the option with this id."""
    asked = {name for other in said if other.id == one.id for name in DETAILS if getattr(other, name) is not None}
    details = ", ".join(f"{name} {_in_words(name, getattr(one, name))}" for name in DETAILS if name in asked)
    return f"{one.id} ({details})" if details else one.id


def percent(share: Decimal) -> str:
    """A share as an operator writes it: 0.9 is 90%."""
    return f"{shown(share * HUNDRED)}%"


def _in_words(name: str, value: object) -> str:
    match value:
        case Mapping():
            return ", ".join(f"{key} {one}" for key, one in value.items()) or "none"
        case tuple():
            return " and ".join(map(str, value)) or "none"
        case Decimal() if name == "saving":
            return percent(value)
        case None:
            return "not there"
        case _:
            return str(value)
