"""Stages 4 and 5: scores, places, and which one it is; and what is drawn for an account once and for ever."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.chance import END, seed
from oracle.deciding.candidate import CROSS_SELL, UPSELL, Withheld
from oracle.deciding.within_bounds import replaced
from oracle.language import moment as kinds
from oracle.language.offer import COMPLEMENT
from oracle.numbers import MILLIONTH, MONEY, ONE, ZERO, plus, times

if TYPE_CHECKING:
    from oracle.deciding.candidate import Candidate
    from oracle.detecting.scene import Scene
    from oracle.language.guarding import Weights
    from oracle.language.offer import Offer
    from oracle.state import Open

SUCCESS: Final = ("milestone", "onboarding")
CALLS_FOR_MORE: Final = ("limit", "growth", "attempt")


# --- scores -----------------------------------------------------------------------------------------


def score(candidate: Candidate, scene: Scene) -> None:
    """Six factors, and their product, to six digits."""
    offer, weights = candidate.offer, scene.rules.product.weights
    candidate.factors = {
        "propensity": offer.propensity,
        "context": _context(candidate.fired.moment.kind, weights),
        "value": _value(candidate, weights),
        "match": weights.match if _matches(candidate, scene) else ONE,
        "boost": offer.boost,
        "strength": candidate.strength,
    }
    product = ONE
    for factor in candidate.factors.values():
        product = MONEY.multiply(product, factor)
    candidate.score = product.quantize(MILLIONTH, context=MONEY)


def _context(kind: str, weights: Weights) -> Decimal:
    return weights.success if kind in SUCCESS else weights.limit if kind == "limit" else weights.other


def _value(candidate: Candidate, weights: Weights) -> Decimal:
    """What it adds a month against what is paid now, between two bounds."""
    more, now = candidate.increase, candidate.present
    if more is None or now is None:
        return ONE
    if more <= 0 or now <= 0:
        return weights.most if more > 0 else weights.least
    ratio = MONEY.divide(more, now).quantize(MILLIONTH, context=MONEY)
    return max(weights.least, min(ratio, weights.most))


def _matches(candidate: Candidate, scene: Scene) -> bool:
    """Whether the offer is of the sort that the moment calls for."""
    moment = candidate.fired.moment
    if candidate.sort == UPSELL:
        return moment.kind in CALLS_FOR_MORE
    if candidate.sort != CROSS_SELL:
        return False
    if moment.kind == "onboarding" or candidate.offer.does.what == COMPLEMENT:
        return True
    if not isinstance(moment, kinds.Habit):
        return False
    used = scene.rules.product.in_use.get(candidate.target or "")
    return used is None or f"meters.{moment.meter}" not in used.names


# --- places -----------------------------------------------------------------------------------------


def placed(candidate: Candidate, scene: Scene) -> Withheld | None:
    """Whether its place is free, or can be taken from what is there."""
    score(candidate, scene)
    for offer in in_the_way(candidate, scene):
        if offer.score is None or (candidate.score or ZERO) <= offer.score:
            shared = min(set(offer.placements) & set(candidate.offer.placements))
            return Withheld("placement_taken", f"{shared} by {offer.offer}", until=offer.expires_at)
    return None


def in_the_way(candidate: Candidate, scene: Scene) -> list[Open]:
    """Open offers in one of its places, but for the lower step that it replaces. A task is in nobody's way."""
    if candidate.offer.verb == "task":
        return []
    own, places = replaced(candidate, scene.account), set(candidate.offer.placements)
    others = [offer for offer in scene.account.open() if offer is not own and offer.verb != "task"]
    return [offer for offer in others if places & set(offer.placements)]


def arbitrate(candidates: list[Candidate], scene: Scene) -> Candidate | None:
    """The one that wins: by score, then family, then name. What a bundle contains is not offered beside it."""
    left = [candidate for candidate in candidates if candidate.withheld is None]
    for bundle in left:
        does = bundle.offer.does
        inside = scene.rules.product.bundles[does.what].items if does.verb == "bundle" else ()
        for single in left:
            if single.withheld is None and single.target in inside:
                single.withheld = Withheld("in_bundle", bundle.offer.name)
    free = [candidate for candidate in left if candidate.withheld is None]
    free.sort(key=lambda candidate: (-(candidate.score or ZERO), candidate.offer.family, candidate.offer.name))
    for loser in free[1:]:
        loser.withheld = Withheld("outscored", free[0].offer.name)
    return free[0] if free else None


# --- what is drawn ----------------------------------------------------------------------------------


def is_held_out(scene: Scene) -> bool:
    """Whether the account is one of those that get no offers."""
    holdout = scene.rules.product.holdout
    return seed("holdout", holdout.salt, scene.id) < times(holdout.share, Decimal(END))


def variant_of(offer: Offer, scene: Scene) -> str | None:
    """The variant of the words for this account: the first has the lowest numbers."""
    drawn, reached = seed("variant", scene.rules.product.name, offer.name, scene.id), ZERO
    for name, share in offer.variants.items():
        reached = plus(reached, share)
        if drawn < times(reached, Decimal(END)):
            return name
    return None
