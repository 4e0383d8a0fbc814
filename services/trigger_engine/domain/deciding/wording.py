"""What an offer says and shows: content with the account's own numbers, the option, what it gives, and why."""

from decimal import Decimal

from schemas.offers import Content, Evidence, Gain, Option, Price
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.deciding.eligible import more
from services.trigger_engine.domain.deciding.pricing import listed
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.moments import meter_of
from services.trigger_engine.domain.playbook.offers import UpgradeTo, Words
from services.trigger_engine.domain.playbook.product import ONCE, LimitValue, MeterDefinition, Span
from services.trigger_engine.domain.playbook.words import filled, shown, variables
from services.trigger_engine.domain.situation import Situation


def content(candidate: Candidate, target: str, situation: Situation) -> Content:
    """The operator's words for the step that fired, or others when a number is unknown; never a blank."""
    offer, step = candidate.offer, candidate.passed.step
    words = offer.words_at.get(step, offer.words) if step is not None else offer.words
    if words is None:
        does = "Upgrade to" if isinstance(offer.does, UpgradeTo) else "Add"
        words = Words(title=f"{does} {target}")
    values = _values({*variables(words.title), *variables(words.body or "")}, candidate, target, situation)
    title = filled(words.title, values) or words.otherwise or f"About {target}"
    return Content(title=title, body=filled(words.body, values) if words.body is not None else None)


def _values(wanted: set[str], candidate: Candidate, target: str, situation: Situation) -> dict[str, str]:
    """The variables ``wanted`` that are known."""
    account, product = situation.account, situation.rules.product
    values = {"target": target}
    for meter in product.meters.values() if wanted else ():
        standing = _standing(meter, candidate.passed, situation) if f"meters.{meter.name}" in wanted else None
        if standing is not None:
            values[f"meters.{meter.name}"] = shown(standing)
        limit = account.limit(meter.name, product) if f"limit.{meter.name}" in wanted else None
        if limit is not None:
            values[f"limit.{meter.name}"] = _limit_shown(limit)
    price = option(candidate, target, situation).price if "price" in wanted else None
    if price is not None:
        values["price"] = _price_shown(price)
    return values


def _standing(meter: MeterDefinition, passed: Passed, situation: Situation) -> Decimal | None:
    """What the meter stands at; None when it is of no user, or of no period, that this offer is about."""
    period = situation.account.period()
    if meter.by_user and (passed.user is None or situation.user is None):
        return None
    if meter.span is Span.BILLING_PERIOD and period is None:
        return None
    holder = situation.user if meter.by_user and situation.user is not None else situation.account
    state = holder.meters.get(meter.key, MeterState())
    present = meter.span is Span.EVER or (period is not None and state.period == period.starts)
    return state.value if present else ZERO


def _price_shown(price: Price) -> str:
    """An amount of money as the operator wrote it: 96.10 stays 96.10."""
    each = " a seat" if price.per_seat else ""
    return f"{price.amount:f} {price.currency}{each} {'once' if price.term == ONCE else f'a {price.term}'}"


def _limit_shown(limit: LimitValue) -> str:
    return shown(limit) if isinstance(limit, Decimal) else limit


def option(candidate: Candidate, target: str, situation: Situation) -> Option:
    """The one thing on offer, with its list price and what it gives beyond what the account has."""
    account, product = situation.account, situation.rules.product
    if not isinstance(candidate.offer.does, UpgradeTo):
        sold = product.products[target]
        added = tuple(Gain(what=meter, after=f"+{shown(amount)}") for meter, amount in sold.adds.items())
        price = listed(sold.prices, account, product, per_seat=False)
        return Option(id=target, kind="product", price=price, gains=added)
    plan = product.plans[target]
    price = listed(plan.prices, account, product, per_seat=plan.per_seat)
    return Option(
        id=target, kind="plan", price=price, gains=(*_more_of(target, situation), *_new_features(target, situation))
    )


def _more_of(target: str, situation: Situation) -> tuple[Gain, ...]:
    account, product = situation.account, situation.rules.product
    gains = []
    for meter in product.plans[target].limits:
        before, after = account.limit(meter, product), account.limit_on(target, meter, product)
        if after is not None and (before is None or more(after, before)):
            told = None if before is None else _limit_shown(before)
            gains.append(Gain(what=meter, before=told, after=_limit_shown(after)))
    return tuple(gains)


def _new_features(target: str, situation: Situation) -> tuple[Gain, ...]:
    product = situation.rules.product
    present = product.plans.get(situation.account.plan(product) or "")
    had = present.features if present is not None else ()
    return tuple(Gain(what=name, after="included") for name in product.plans[target].features if name not in had)


def evidence(passed: Passed) -> Evidence:
    """The account's own usage that made the moment."""
    moment = passed.moment
    return Evidence(
        moment=moment.name,
        kind=moment.kind,
        meter=meter_of(moment),
        value=passed.value,
        limit=passed.limit,
        step=passed.step,
        happened_at=to_datetime(passed.at),
    )
