"""An account that an offer suits: what is not said of it is supposed, for as long as something stops the offer."""

from dataclasses import replace
from typing import Final

from schemas.decisions import Candidate as CandidateTold
from schemas.decisions import Reason
from services.trigger_engine.domain.playbook.product import DISENGAGED
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.playbook.verbs import AddComplement
from services.trigger_engine.domain.trying.example import Example
from services.trigger_engine.domain.trying.previewing import Asked, Preview, preview
from services.trigger_engine.domain.trying.supposing import reaching, supposing

SEATS: Final = 5
"""Of an account that pays by the seat, unless it is said."""

MOST_SUPPOSED: Final = 6
"""Reasons that are supposed away, one after the other."""


def suited(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Preview:
    """As `preview`; what is not said of the account is supposed so that it gets the offer, as far as can be guessed.

    Without a plan it is on the first that the offer is made on, the default plan before others.
    """
    plans = [example.plan] if example.plan is not None else _plans(rules)
    seen = [_supposed(asked, _on(plan, example, rules), rules, now) for plan in plans]
    made = [one for one in seen if one.offer is not None and one.stopped is None]
    shown = [one for one in seen if one.offer is not None]
    return (made or shown or seen)[0]


def _plans(rules: CompiledSet) -> list[str | None]:
    first = rules.product.default_plan
    others = [plan for plan in rules.product.plans if plan != first]
    return [first, *others] if first is not None or not others else [*others]


def _supposed(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Preview:
    """The preview of the example; when it does not get the offer, what stopped it is supposed away, again and again."""
    first = found = preview(asked, example, rules, now)
    for _ in range(MOST_SUPPOSED):
        if found.stopped is None:
            return found
        better = _without(found.stopped, asked, example, rules)
        if better == example:
            break
        example = better
        found = preview(asked, example, rules, now)
    return found if found.stopped is None else first


def _without(stopped: CandidateTold, asked: Asked, example: Example, rules: CompiledSet) -> Example:
    """The example, and what would have to be true of it for this reason to fall."""
    offer, detail = asked.offer, stopped.detail or ""
    match stopped.reason:
        case Reason.NOT_FOR | Reason.UNKNOWN if offer.only_for is not None:
            supposed = supposing(offer.only_for.text, example, rules)
            return replace(example, seats=1) if supposed == example and example.seats is None else supposed
        case Reason.NOT_IN_USE if detail in rules.product.in_use:
            return supposing(rules.product.in_use[detail].text, example, rules)
        case Reason.DISENGAGED:
            levels = [(name, level) for name, level in rules.product.levels.items() if DISENGAGED in level.values]
            return supposing(" ".join(f"{name}.{level.values[0]}" for name, level in levels), example, rules)
        case Reason.NOT_BEFORE:
            for threshold in (*rules.bounds[offer.playbook].not_before, *offer.not_before):
                example = reaching(threshold, example)
            return example
        case Reason.NOTHING_FITS if isinstance(offer.does, AddComplement):
            mates = (mate for sold in rules.product.products.values() for mate in sold.goes_with)
            bought = next((mate for mate in mates if mate in rules.product.products), None)
            return example if bought is None else replace(example, owned=(*example.owned, bought))
        case _:
            return example


def _on(plan: str | None, example: Example, rules: CompiledSet) -> Example:
    """The example on this plan, with what it is paid by: some seats, and the shortest term, unless they are said."""
    sold = None if plan is None else rules.product.plans.get(plan)
    if sold is None:
        return replace(example, plan=plan)
    terms = sorted((rules.product.terms[name], name) for name in sold.prices if name in rules.product.terms)
    seats = SEATS if sold.per_seat and example.seats is None else example.seats
    return replace(example, plan=plan, seats=seats, term=example.term or (terms[0][1] if terms else None))
