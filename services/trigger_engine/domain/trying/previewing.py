"""What an offer looks like to an account: decided and worded by the engine's own code, of a moment taken as given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from schemas.decisions import Candidate as CandidateTold
from schemas.decisions import Decided
from schemas.envelope import Envelope
from schemas.offers import Offer, OfferChanged, OfferMade
from services.trigger_engine.domain.deciding.candidate import Cause
from services.trigger_engine.domain.deciding.deciding import decide
from services.trigger_engine.domain.inputs import Origin
from services.trigger_engine.domain.instants import EPOCH, to_datetime
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import times
from services.trigger_engine.domain.playbook.guardrails import Guardrails
from services.trigger_engine.domain.playbook.moments import (
    AnyMoment,
    AttemptMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    LimitMoment,
    MilestoneMoment,
    meter_of,
)
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import goal
from services.trigger_engine.domain.trying.example import USER, Example, world_of

HUNDRED: Final = Decimal(100)


@dataclass(frozen=True)
class Asked:
    """What is to be seen: an offer on a moment (None: its first), at a step (None: the lowest), in a variant."""

    offer: OfferDefinition
    moment: AnyMoment
    step: Decimal | None = None
    variant: str | None = None


@dataclass(frozen=True)
class Preview:
    """The offer as the account would see it; None when it makes no sense for the account.

    ``stopped`` is how far it came when the account would not get it: where ``offer`` is there all the same, that is
    what it would look like. ``example`` is the account, with what was assumed of it; ``fires`` says whether its numbers
    let the moment fire at all.
    """

    example: Example
    offer: Offer | None
    stopped: CandidateTold | None = None
    fires: bool = True


def preview(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Preview:
    """Decide ``asked`` alone, for ``example``. Raises as the core does when something said of it can not be."""
    assumed = _assumed(asked, example, rules, now)
    asked, fires = _at_its_step(asked, assumed, rules, now)
    events = _decided(asked, assumed, _alone(asked, rules), now)
    offer = _offer(events)
    if offer is not None:
        return Preview(assumed, offer, fires=fires)
    shown = _offer(_decided(asked, assumed, _unguarded(_alone(asked, rules)), now))
    return Preview(assumed, shown, _candidate(events), fires)


# --- what is assumed --------------------------------------------------------------------------------


def _assumed(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Example:
    """The example with the numbers that its moment needs, where they are not said."""
    name = meter_of(asked.moment)
    meter = rules.product.meters[name] if name is not None else None
    if meter is None:
        return example
    if meter.by_user or meter.by is not None:
        example = replace(example, user=example.user or USER, group=example.group or USER)
    if meter.name in example.meters:
        return example
    value = _value(asked, example, rules, now)
    return example if value is None else replace(example, meters={**example.meters, meter.name: value})


def _value(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Decimal | None:
    """What the meter of the moment would have to stand at."""
    account = world_of(example, rules, now).account()
    moment = asked.moment
    match moment:
        case LimitMoment():
            limit = account.limit(moment.meter, rules.product)
            return times(asked.step or moment.steps[0], limit) if isinstance(limit, Decimal) else None
        case AttemptMoment():
            limit = account.limit(moment.of, rules.product)
            return limit if isinstance(limit, Decimal) else None
        case MilestoneMoment():
            return goal(rules, account, moment)
        case HabitMoment():
            return moment.reaches
        case _:
            return None


def _at_its_step(asked: Asked, example: Example, rules: CompiledSet, now: int) -> tuple[Asked, bool]:
    """At the highest step that its numbers pass, unless one was asked for; and whether they pass it."""
    moment = asked.moment
    if not isinstance(moment, LimitMoment) or moment.meter not in example.meters:
        return asked, True
    limit = world_of(example, rules, now).account().limit(moment.meter, rules.product)
    if not isinstance(limit, Decimal):
        return asked, False
    passed = [step for step in moment.steps if times(step, limit) <= example.meters[moment.meter]]
    step = asked.step or (passed[-1] if passed else moment.steps[0])
    return replace(asked, step=step), step in passed


# --- deciding -----------------------------------------------------------------------------------------


def _alone(asked: Asked, rules: CompiledSet) -> CompiledSet:
    """The set with this offer only, in this variant, and nobody held out."""
    offer = asked.offer
    if asked.variant is not None:
        words = offer.words_of.get(asked.variant)
        offer = replace(offer, words=words or offer.words, words_at={} if words else offer.words_at)
    offer = replace(offer, words_of={}, variants={}, on=(asked.moment.name,))
    product = replace(rules.product, holdout=None)
    return replace(rules, product=product, offers={asked.moment.name: (offer,)}, paused=frozenset())


def _unguarded(rules: CompiledSet) -> CompiledSet:
    """The set without what says when it is enough, too early, or not for everybody."""
    offers = {
        moment: tuple(replace(offer, not_before=(), only_for=None, runs=None) for offer in made)
        for moment, made in rules.offers.items()
    }
    return replace(rules, offers=offers, bounds=dict.fromkeys(rules.bounds, Guardrails()))


def _decided(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Sequence[Envelope]:
    world = world_of(example, rules, now)
    passed = _passed(asked, example, rules, now)
    user = world.user(example.id, passed.user) if passed.user is not None else None
    situation = Situation(example.id, world.account(), rules, now, user, parts=world)
    return decide([passed], situation, Cause(Origin("timer", 0)))


def _passed(asked: Asked, example: Example, rules: CompiledSet, now: int) -> Passed:
    """The moment, as if it had just fired."""
    moment = asked.moment
    name = meter_of(moment)
    meter = rules.product.meters[name] if name is not None else None
    limit = world_of(example, rules, now).account().limit(name, rules.product) if name is not None else None
    day = (to_datetime(now) - EPOCH).days
    return Passed(
        moment,
        now,
        user=example.user if meter is None or meter.by_user else None,
        value=example.meters.get(name) if name is not None else None,
        limit=limit if isinstance(moment, LimitMoment | AttemptMoment | ForecastMoment) else None,
        step=asked.step or moment.steps[0] if isinstance(moment, LimitMoment) else None,
        group=example.group if meter is not None and meter.by is not None else None,
        percent=times(moment.by, HUNDRED) if isinstance(moment, GrowthMoment) else None,
        date=day + moment.within_days if isinstance(moment, ForecastMoment) else None,
        confidence=moment.confidence if isinstance(moment, ForecastMoment) else None,
        about=example.owned[-1] if example.owned else None,
    )


def _offer(events: Sequence[Envelope]) -> Offer | None:
    return next((event.data.offer for event in events if isinstance(event, OfferMade | OfferChanged)), None)


def _candidate(events: Sequence[Envelope]) -> CandidateTold | None:
    decided = (event.data for event in events if isinstance(event, Decided))
    return next((one for decision in decided for one in decision.candidates), None)
