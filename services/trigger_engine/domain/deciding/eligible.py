"""Stage 1: does the offer make sense for this account at all?"""

from decimal import Decimal

from schemas.decisions import Reason
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.playbook.offers import Add, LimitMoment, UpgradeTo
from services.trigger_engine.domain.playbook.product import UNLIMITED, LimitValue
from services.trigger_engine.domain.situation import Situation


def eligible(candidate: Candidate, situation: Situation) -> Withheld | None:
    """Fill in the target, or say why there is none."""
    if candidate.offer.name in situation.rules.paused:
        return Withheld(Reason.PAUSED)
    if situation.now - candidate.passed.at > candidate.passed.moment.stale_after_us:
        return Withheld(Reason.STALE)
    match candidate.offer.does:
        case Add(product=product):
            candidate.target = product
            return Withheld(Reason.OWNED, product) if product in situation.account.owned() else None
        case UpgradeTo() as upgrade:
            plan = situation.account.plan(situation.rules.product)
            if plan is None:
                return Withheld(Reason.UNKNOWN, "account.plan")
            found = _rung(upgrade, plan, situation)
            if isinstance(found, Withheld):
                return found
            candidate.target = found
            return _lifts(candidate, found, situation)
        case _ as other:
            raise NotImplementedError(f"a set with {other} is refused when it is published: not-yet")


def _rung(upgrade: UpgradeTo, plan: str, situation: Situation) -> str | Withheld:
    """The plan to go to from ``plan``: always the next one up, never a jump."""
    ladders = situation.rules.product.ladders
    if upgrade.plan is not None:
        return _named_rung(upgrade.plan, plan, situation)
    names = [upgrade.ladder] if upgrade.ladder is not None else [name for name in ladders if plan in ladders[name]]
    nexts = {_above(ladders[name], plan) for name in names if plan in ladders[name]}
    if not nexts:
        return Withheld(Reason.NOT_ON_LADDER, plan)
    if len(nexts) > 1:
        return Withheld(Reason.NOT_ON_LADDER, f"{plan} stands on more than one ladder: name one")
    return nexts.pop() or Withheld(Reason.TOP_RUNG, plan)


def _named_rung(target: str, plan: str, situation: Situation) -> str | Withheld:
    ladders = [rungs for rungs in situation.rules.product.ladders.values() if plan in rungs and target in rungs]
    if target == plan or any(rungs.index(target) < rungs.index(plan) for rungs in ladders):
        return Withheld(Reason.OWNED, target)
    if any(rungs.index(target) == rungs.index(plan) + 1 for rungs in ladders):
        return target
    return Withheld(Reason.NOT_ADJACENT if ladders else Reason.NOT_ON_LADDER, f"{plan} to {target}")


def _above(rungs: tuple[str, ...], plan: str) -> str | None:
    place = rungs.index(plan) + 1
    return rungs[place] if place < len(rungs) else None


def _lifts(candidate: Candidate, target: str, situation: Situation) -> Withheld | None:
    """An upgrade offered at a limit must raise that limit."""
    moment = candidate.passed.moment
    if not isinstance(moment, LimitMoment):
        return None
    after = situation.account.limit_on(target, moment.meter, situation.rules.product)
    return None if more(after, candidate.passed.limit) else Withheld(Reason.LIFTS_NOTHING, moment.meter)


def more(after: LimitValue | None, before: LimitValue | None) -> bool:
    """Whether one limit is above the other; nothing is above one that is not known."""
    if after == UNLIMITED:
        return before != UNLIMITED
    return isinstance(after, Decimal) and isinstance(before, Decimal) and after > before
