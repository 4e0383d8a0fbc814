"""Offers that could never be made, and the reason why."""

from collections.abc import Sequence

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.moments import AnyMoment, limited
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import DISENGAGED, PriceStep, Product
from services.trigger_engine.domain.playbook.reach import Reach
from services.trigger_engine.domain.playbook.rungs import Move, may_lift, moves_of, steepness
from services.trigger_engine.domain.playbook.verbs import (
    AddComplement,
    AddSeats,
    ChangeTerm,
    ChooseFrom,
    Sale,
    UpgradeTo,
)
from services.trigger_engine.domain.playbook.written import Written


def check_upgrade(
    written: Written, offer: OfferDefinition, moments: Sequence[AnyMoment], reach: Reach, bound: PriceStep
) -> None:
    """An upgrade needs somebody below its target, a step that is not too steep, and to raise the limit reached."""
    product = written.product
    moves = moves_of(offer.does, product)
    if moves is None:
        return
    verb = Verb.UPGRADE_TO
    if isinstance(offer.does, UpgradeTo):
        _check_ambiguous(written, offer.does, reach)
    reachable = [move for move in moves if move.before in reach.plans]
    if not reachable:
        written.add(verb, "top-rung", f"{written.what} is never made: {_nobody_below(offer.does, moves, reach)}")
        return
    steep = [steepness(move, product, bound) for move in reachable]
    if all(steep):
        written.add(verb, "too-steep", f"{written.what} is never made: {steep[0]}")
    for moment in moments:
        meter = limited(moment)
        if meter is not None and not any(may_lift(move, meter, product) for move in reachable):
            told = f"{written.what} is never made on moment {moment.name!r}: it would not raise the limit of {meter!r}"
            written.add(verb, "lifts-nothing", told)


def _check_ambiguous(written: Written, upgrade: UpgradeTo, reach: Reach) -> None:
    if upgrade.plan is not None or upgrade.ladder is not None:
        return
    product = written.product
    for plan in product.plans:
        ladders = [name for name in product.ladders_of(plan) if plan != product.ladders[name][-1]]
        nexts = {product.ladders[name][product.ladders[name].index(plan) + 1] for name in ladders}
        if plan in reach.plans and len(nexts) > 1:
            told = f"{plan!r} stands on {' and '.join(ladders)}, so 'next' could be {' or '.join(sorted(nexts))}"
            written.add(Verb.UPGRADE_TO, "ambiguous-ladder", f"{told}: say 'next on {ladders[0]}'")
            return


def _nobody_below(does: object, moves: Sequence[Move], reach: Reach) -> str:
    if not moves and isinstance(does, UpgradeTo) and does.plan is not None:
        return f"no plan is next below {does.plan!r} on any ladder"
    if not moves:
        return "no ladder leads there"
    return f"there is no rung above for those it is for ({', '.join(sorted(reach.plans))})"


def check_reach(written: Written, offer: OfferDefinition, reach: Reach) -> None:
    """An offer needs somebody it is for, and a sale somebody who is not disengaged."""
    if reach.nobody:
        written.add("for", "empty-segment", f"{written.what} is never made: no account is like that")
    if isinstance(offer.does, Sale) and any(values == {DISENGAGED} for values in reach.levels.values()):
        told = f"{written.what} is never made: to the disengaged nothing is sold, only 'nurture' and 'task' reach them"
        written.add("for", "disengaged", told)


def check_goods(written: Written, offer: OfferDefinition, reach: Reach) -> None:
    """What is offered must be there to be had: a longer term, seats that can be counted, a target among the choices."""
    product = written.product
    match offer.does:
        case ChangeTerm(term=term):
            _check_term(written, term, product)
        case AddSeats(count=count):
            _check_seats(written, count, product)
        case AddComplement() if not any(sold.goes_with for sold in product.products.values()):
            told = "'complement' needs products that say what they go with (goes_with), and none does"
            written.add(Verb.ADD, "no-complement", f"{written.what} is never made: {told}")
        case ChooseFrom(items=items, mark=mark):
            _check_choices(written, items, mark, reach)
        case _:
            pass


def _check_term(written: Written, term: str | None, product: Product) -> None:
    """A longer term than some plan has a price for."""
    for plan in product.plans.values():
        months = {name: product.terms[name] for name in plan.prices if name in product.terms}
        longest = max(months.values(), default=0) if term is None else months.get(term, 0)
        if longest > min(months.values(), default=0):
            return
    longer = "more than one term" if term is None else f"{term!r} beside a shorter term"
    written.add(Verb.TERM, "no-longer-term", f"{written.what} is never made: no plan has a price for {longer}")


def _check_seats(written: Written, count: int | None, product: Product) -> None:
    """Some plan is sold per seat; to know how many would fit, something must count the members."""
    members = (rule for plan in product.plans.values() for rule in plan.limits.values() if rule.per_seat == 1)
    if not any(plan.per_seat for plan in product.plans.values()):
        written.add(Verb.SEATS, "no-seats", f"{written.what} is never made: no plan is sold per seat")
    elif count is None and not any(members):
        told = "'fitting' asks how many members there are: no plan has a limit of 'seats', so nothing counts them"
        written.add(Verb.SEATS, "no-members", told)


def _check_choices(written: Written, items: Sequence[str], mark: str | None, reach: Reach) -> None:
    """At least one item must be something to go to, and the marked one too; the others may be anchors."""
    plans = written.product.plans
    targets = [item for item in items if item not in plans or _somebody_below(item, written.product, reach)]
    if not targets:
        told = f"{written.what} is never made: nobody that it is for could go to one of its plans"
        written.add(Verb.CHOOSE_FROM, "no-target", told)
    elif mark is not None and mark not in targets:
        told = f"nobody that {written.what} is for could go to {mark!r}: mark another"
        written.add("mark", "mark", told)


def _somebody_below(plan: str, product: Product, reach: Reach) -> bool:
    return any(move.before in reach.plans for move in moves_of(UpgradeTo(plan=plan), product) or ())


def check_shadowed(written: Written, offer: OfferDefinition, others: Sequence[OfferDefinition]) -> None:
    """An offer that always loses to one of those ``others`` that offer the same is never made."""
    for other in others:
        if other is not offer and _covers(other, offer) and _rank(other) < _rank(offer):
            told = f"{written.what} is never made: {other.name!r} offers the same wherever it could, and goes before it"
            written.problems.add(written.entry.place, "shadowed", told, width=len(offer.name))
            return


def _covers(other: OfferDefinition, offer: OfferDefinition) -> bool:
    """Whether ``other`` can be made whenever ``offer`` can."""
    same = set(other.placements) == set(offer.placements)
    wider = other.only_for is None or other.only_for == offer.only_for
    as_soon = set(other.not_before) <= set(offer.not_before)
    as_long = other.runs is None or other.runs == offer.runs
    return same and set(offer.on) <= set(other.on) and wider and as_soon and as_long


def _rank(offer: OfferDefinition) -> tuple[object, ...]:
    return (-offer.boost * offer.propensity, offer.family, offer.name)
