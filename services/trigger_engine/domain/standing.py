"""What the meters of an account stand at, as far as that is known; and the goals that its facts set them."""

from decimal import Decimal

from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.meters.counting import Reading
from services.trigger_engine.domain.meters.known import Past, is_known
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition
from services.trigger_engine.domain.playbook.moments import MilestoneMoment
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.slices import Holder


def standing(meter: MeterDefinition, holder: Holder, situation: Situation) -> Reading | None:
    """What ``meter`` stands at now, of the account or of a part of it; None when that is unknown."""
    account, at = situation.account, situation.now
    when = When(account.zone(), account.period(), situation.floor)
    return reading(meter, holder, at, when) if knows(situation.rules, account, meter, at, when) else None


def knows(rules: CompiledSet, account: AccountSlice, meter: MeterDefinition, at: int, when: When) -> bool:
    """Whether all that ``meter`` counts of ``account``, or of a part of it, at ``at`` was seen."""
    return is_known(meter, past_of(rules, account, meter), at, when)


def goal(rules: CompiledSet, account: AccountSlice, moment: MilestoneMoment) -> Decimal | None:
    """The number that the milestone reaches; None while the fact that says so is unknown."""
    return moment.reaches if moment.reaches_fact is None else account.number(moment.reaches_fact, rules.product)


def past_of(rules: CompiledSet, account: AccountSlice, meter: MeterDefinition) -> Past:
    """What is known of the account's past, as far as ``meter`` goes."""
    published, baseline = rules.since(meter.key), account.baselines.get(meter.key)
    return Past(account.created(), account.first_seen, rules.product.starts_empty, published, baseline)
