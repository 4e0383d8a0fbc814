"""Ladders of products and features: the next is offered once the one before it is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.deciding import adding, asking, upgrades
from oracle.deciding.candidate import Item, Withheld
from oracle.deciding.values import Values

if TYPE_CHECKING:
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene


def next_adopted(ladder: str, fired: Fired, scene: Scene) -> Item | Withheld:
    """The first rung that the account has not: a product, or the plan that has the feature."""
    rungs, account, product = scene.rules.product.ladders[ladder], scene.account, scene.rules.product
    plan = product.plans.get(account.plan(product) or "")
    has = [*account.owned(), *(() if plan is None else plan.features_on(account.term()))]
    missing = [rung for rung in rungs if rung not in has]
    if not missing:
        return Withheld("top_rung", rungs[-1])
    if missing[0] == rungs[0]:
        return Withheld("not_on_ladder", ladder)
    if missing[0] in product.products:
        return adding.add(missing[0], scene)
    return too_early(missing[0], fired, scene) or upgrades.unlocking(missing[0], fired, scene)


def too_early(rung: str, fired: Fired, scene: Scene) -> Withheld | None:
    """Whether none of the rungs before it is in use yet. The lowest of a ladder waits for nothing."""
    product, values = scene.rules.product, Values(scene, fired.user)
    ladders = [rungs for rungs in product.ladders.values() if rung in rungs]
    if any(rungs[0] == rung for rungs in ladders):
        return None
    before = list(dict.fromkeys(rungs[rungs.index(rung) - 1] for rungs in ladders))
    verdicts = [(product.in_use[name], values.judge(product.in_use[name])) for name in before]
    if not before or any(verdict.holds for _, verdict in verdicts):
        return None
    for condition, verdict in verdicts:
        if verdict.truth is None:
            return asking.unknown(condition.text, verdict, values, scene)._replace(target=rung)
    return Withheld("not_in_use", ", ".join(before), rung)
