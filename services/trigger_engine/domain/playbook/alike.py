"""Offers that have so much in common that a stage of judging says the same of them, so that it need say it once."""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from services.trigger_engine.domain.playbook.guardrails import Guardrails
from services.trigger_engine.domain.playbook.offers import OfferDefinition


class Alike(NamedTuple):
    """Numbers of one offer. Of two offers with the same number, put forward by the same moment, the same holds.

    In the order of what looks at them; no number stands for two things.

    - ``meant``: they are made on the same days, to the same accounts
    - ``about``: what they would be about is the same
    - ``quiet``: the same states, and what has to come to so much first, make them wait
    - ``bounds``: the same caps count them, by the same offers made before, and the same noes
    - ``worth``: their scores are the same
    """

    meant: int
    about: int
    quiet: int
    bounds: int
    worth: int


def alike(offers: Iterable[OfferDefinition], bounds: Mapping[str, Guardrails]) -> dict[str, Alike]:
    """The numbers of each offer, by its name."""
    seen: dict[Hashable, int] = {}

    def number(*of: Hashable) -> int:
        return seen.setdefault(of, len(seen))

    return {
        offer.name: Alike(
            meant=number("meant", offer.playbook, offer.runs, offer.only_for and offer.only_for.text),
            about=number("about", offer.playbook, offer.does),
            quiet=number("quiet", offer.playbook, offer.verb, offer.not_before),
            bounds=number("bounds", *_counted_by(offer, bounds[offer.playbook])),
            worth=number("worth", offer.playbook, offer.does, offer.propensity, offer.boost),
        )
        for offer in offers
    }


def _counted_by(offer: OfferDefinition, bounds: Guardrails) -> tuple[Hashable, ...]:
    alone = offer.name if bounds.counts_offers else None
    return offer.playbook, offer.verb, offer.family, offer.placements, alone
