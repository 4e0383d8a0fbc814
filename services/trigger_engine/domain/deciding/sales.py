"""One thing to sell, by the verb that sells it; or why it is not for this account."""

from services.trigger_engine.domain.deciding import adding, contract, fitting, upgrades
from services.trigger_engine.domain.deciding.adoption import next_adopted, too_early
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.deciding.steps import too_steep
from services.trigger_engine.domain.playbook.product import LadderOf
from services.trigger_engine.domain.playbook.verbs import (
    Add,
    AddComplement,
    AddSeats,
    ChangeTerm,
    SellBundle,
    UpgradeTo,
    UpgradeToFitting,
    UpgradeToUnlock,
)
from services.trigger_engine.domain.pricing import paid
from services.trigger_engine.domain.situation import Situation

OneSale = UpgradeTo | UpgradeToFitting | UpgradeToUnlock | Add | AddComplement | SellBundle | AddSeats | ChangeTerm


def sale(does: OneSale, candidate: Candidate, situation: Situation) -> Item | Withheld:
    """What would be sold, when the account could go to it and that is not too much at once."""
    item = found(does, candidate, situation)
    if isinstance(item, Withheld):
        return item
    early = too_early(item.id, candidate.passed, situation) if item.kind is Kind.PRODUCT else None
    if early is not None:
        return early
    now, bound = paid(situation), situation.rules.bounds[candidate.offer.playbook].price_step
    return too_steep(item, now, bound, situation) or item


def found(does: OneSale, candidate: Candidate, situation: Situation) -> Item | Withheld:
    """The same, however steep it is."""
    match does:
        case UpgradeTo() | UpgradeToFitting() | UpgradeToUnlock():
            return _upgrade(does, candidate, situation)
        case Add() | AddComplement() | SellBundle():
            return _beside(does, candidate, situation)
        case AddSeats():
            return fitting.seats(does, candidate.passed, situation)
        case ChangeTerm():
            return contract.longer_term(does, situation)


def _upgrade(
    does: UpgradeTo | UpgradeToFitting | UpgradeToUnlock, candidate: Candidate, situation: Situation
) -> Item | Withheld:
    match does:
        case UpgradeTo(ladder=str(ladder)) if situation.rules.product.kind_of(ladder) is LadderOf.PRODUCTS:
            return _adopted(ladder, candidate, situation)
        case UpgradeTo():
            return upgrades.next_rung(does, candidate.passed, situation)
        case UpgradeToFitting():
            return fitting.fitting_plan(candidate.passed, situation)
        case UpgradeToUnlock():
            return upgrades.unlocking(does, candidate.passed, situation)


def _adopted(ladder: str, candidate: Candidate, situation: Situation) -> Item | Withheld:
    """The next rung of a ladder of products and features: a product itself, or the plan that has the feature."""
    rung = next_adopted(ladder, situation)
    if isinstance(rung, Withheld):
        return rung
    if rung in situation.rules.product.products:
        return adding.add(Add(rung), situation)
    early = too_early(rung, candidate.passed, situation)
    return early or upgrades.unlocking(UpgradeToUnlock(rung), candidate.passed, situation)


def _beside(does: Add | AddComplement | SellBundle, candidate: Candidate, situation: Situation) -> Item | Withheld:
    match does:
        case Add():
            return adding.add(does, situation)
        case AddComplement():
            return adding.complement(candidate.passed, situation)
        case SellBundle():
            return adding.bundle_item(does, situation)
