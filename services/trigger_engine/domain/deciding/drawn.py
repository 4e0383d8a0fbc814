"""What is drawn for an account once and for ever: whether it is held out, and which variant of an offer it is shown."""

from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.meters.marks import MARKS
from services.trigger_engine.domain.moments.draws import seed
from services.trigger_engine.domain.numbers import ZERO, added, times
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.situation import Situation

ALL: Final = Decimal(MARKS)
"""How many numbers can be drawn."""


def is_held_out(situation: Situation) -> bool:
    """Whether the account is one of those that get no offers."""
    holdout = situation.rules.product.holdout
    return holdout is not None and seed("holdout", holdout.salt, situation.id) < times(holdout.share, ALL)


def variant_of(offer: OfferDefinition, situation: Situation) -> str | None:
    """The variant of the offer's words for this account; None when it has none. The first has the lowest numbers."""
    drawn = seed("variant", situation.rules.product.name, offer.name, situation.id)
    reached = ZERO
    for name, share in offer.variants.items():
        reached = added(reached, share)
        if drawn < times(reached, ALL):
            return name
    return None
