"""A follow-up to a no: cheaper, of another family, and the only one; anything else is nagging."""

from fractions import Fraction
from typing import Final, TypeGuard

from services.trigger_engine.domain.playbook.moments import AnyMoment, Ending, OutcomeMoment
from services.trigger_engine.domain.playbook.money import told, unit
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.playbook_reader import Playbook
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.rungs import monthly, moves_of
from services.trigger_engine.domain.playbook.verbs import Add, Sale, SellBundle

NAGGING: Final = "nagging"


def check_follow_ups(playbook: Playbook, product: Product) -> None:
    """Note each offer that follows a no and is not cheaper, of the same family, or not the first to follow."""
    for offer in playbook.offers.values():
        for moment in _noes(offer, playbook):
            refused = playbook.offers.get(moment.offer)
            if refused is not None:
                _check(offer, refused, playbook, product)


def _check(offer: OfferDefinition, refused: OfferDefinition, playbook: Playbook, product: Product) -> None:
    written = playbook.sources.offers[offer.name]
    if offer is refused:
        written.add("on", NAGGING, f"{written.what} would be made again after its own no")
        return
    if offer.family == refused.family:
        told = f"{refused.name!r} was refused, and {written.what} is of the same family: a no closes all of it"
        written.add("family", NAGGING, told)
    if any(_noes(refused, playbook)):
        told = f"{refused.name!r} follows a no itself: after two of them there is nothing more to ask"
        written.add("on", NAGGING, told)
    if offer.does == refused.does:
        written.add("on", NAGGING, f"{refused.name!r} was refused, and {written.what} is the same again")
        return
    asked, least = _prices(refused, product), _prices(offer, product)
    if isinstance(offer.does, Sale) and asked and least and min(least) >= max(asked):
        step = f"{_shown(min(least), product)} after {_shown(max(asked), product)} {product.currency} a month"
        written.add("on", NAGGING, f"{refused.name!r} was refused, and {written.what} is not cheaper: {step}")


def _noes(offer: OfferDefinition, playbook: Playbook) -> list[OutcomeMoment]:
    """The moments of this offer that are a no to another."""
    moments = (playbook.moments.get(name) for name in offer.on)
    return [moment for moment in moments if _is_no(moment)]


def _is_no(moment: AnyMoment | None) -> TypeGuard[OutcomeMoment]:
    return isinstance(moment, OutcomeMoment) and moment.ending is Ending.DISMISSED


def _prices(offer: OfferDefinition, product: Product) -> list[Fraction]:
    """All that the offer can cost a month; none when that depends on the account, such as on its seats."""
    match offer.does:
        case Add(product=name):
            return monthly(product.products[name].prices, product)
        case SellBundle(bundle=name):
            return monthly(product.bundles[name].prices, product)
        case does:
            plans = {move.after for move in moves_of(does, product) or ()}
            if any(product.plans[plan].per_seat for plan in plans):
                return []
            return [price for plan in plans for price in monthly(product.plans[plan].prices, product)]


def _shown(price: Fraction, product: Product) -> str:
    return f"{told(price).quantize(unit(product.currency)):f}"
