"""Ladders of products and features: the next is offered once the one before it is in use."""

from msgspec.structs import replace

from schemas.decisions import Reason
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.deciding.asking import unknown
from services.trigger_engine.domain.deciding.candidate import Withheld
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of


def too_early(rung: str, passed: Passed, situation: Situation) -> Withheld | None:
    """Why it is too early for a product or a feature; None when it is not.

    It is not for what is on no such ladder, or is the lowest rung of one; else one ladder on which the rung before it
    is in use is enough. Where that is not known, nobody can tell.
    """
    product = situation.rules.product
    ladders = [product.ladders[name] for name in product.ladders_of(rung)]
    if not ladders or any(rungs[0] == rung for rungs in ladders):
        return None
    before = list(dict.fromkeys(rungs[rungs.index(rung) - 1] for rungs in ladders))
    values = values_of(situation, passed.user)
    verdicts = {name: values.in_use(name) for name in before}
    if any(verdict.holds for verdict in verdicts.values()):
        return None
    for name, verdict in verdicts.items():
        if verdict.truth is Truth.UNKNOWN:
            return replace(unknown(product.in_use[name].text, verdict, values, situation), target=rung)
    return Withheld(Reason.NOT_IN_USE, ", ".join(before), rung)


def next_adopted(ladder: str, situation: Situation) -> str | Withheld:
    """The first rung of a ladder that the account has not: a product that it does not own, a feature it has not."""
    rungs, has = situation.rules.product.ladders[ladder], _has(situation)
    missing = [rung for rung in rungs if rung not in has]
    if not missing:
        return Withheld(Reason.TOP_RUNG, rungs[-1])
    if missing[0] == rungs[0]:
        return Withheld(Reason.NOT_ON_LADDER, ladder)
    return missing[0]


def _has(situation: Situation) -> set[str]:
    account, product = situation.account, situation.rules.product
    plan = product.plans.get(account.plan(product) or "")
    return {*account.owned(), *(plan.features_on(account.term()) if plan is not None else ())}
