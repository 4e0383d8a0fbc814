"""By what the results of an offer are told apart: what the account was when the offer was made."""

from typing import Final

from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

MAX_LENGTH: Final = 64
"""Characters of a fact that results are told apart by: of a longer one the first."""


def report_of(offer: OfferDefinition, situation: Situation) -> dict[str, str]:
    """Each name in ``report_by`` with what it says of the account, in words; what is unknown is left out."""
    found = {name: _told(name, situation) for name in offer.report_by}
    return {name: told[:MAX_LENGTH] for name, told in found.items() if told}


def _told(name: str, situation: Situation) -> str | None:
    values, rules = values_of(situation), situation.rules
    if name in rules.product.levels:
        return values.level(name)[0]
    value = values.get(name if name in rules.segments else f"{Scope.ACCOUNT}.{name}")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None
