"""The values of the variables in an offer's words: the account's own numbers, and what is offered."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from schemas.offers import Option, Price, Saving
from services.trigger_engine.domain.calendar import written
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.deciding.options import limit_shown
from services.trigger_engine.domain.deciding.standings import standing
from services.trigger_engine.domain.playbook.product import ONCE
from services.trigger_engine.domain.playbook.variables import FORECAST, GROWTH, PRICE, SAVING, TARGET
from services.trigger_engine.domain.playbook.words import shown, spoken
from services.trigger_engine.domain.situation import Situation

METER = "meters."
LIMIT = "limit."


def values(wanted: Iterable[str], candidate: Candidate, situation: Situation) -> dict[str, str]:
    """Those of the variables ``wanted`` that are known, in words."""
    found = {name: _value(name, candidate, situation) for name in wanted}
    return {name: value for name, value in found.items() if value is not None}


def _value(name: str, candidate: Candidate, situation: Situation) -> str | None:
    product = situation.rules.product
    if name.startswith(METER):
        number = standing(product.meters[name.removeprefix(METER)], candidate.passed, situation)
        return None if number is None else spoken(number)
    if name.startswith(LIMIT):
        limit = situation.account.limit(name.removeprefix(LIMIT), product)
        return None if limit is None else limit_shown(limit)
    return OTHERS[name](candidate, candidate.options[0])


def _price(_: Candidate, option: Option) -> str | None:
    return None if option.price is None else price_shown(option.price)


def _saving(_: Candidate, option: Option) -> str | None:
    return None if option.saving is None else saving_shown(option.saving)


def _growth(candidate: Candidate, _: Option) -> str | None:
    percent = candidate.passed.percent
    return None if percent is None else f"{shown(percent)}%"


def _forecast(candidate: Candidate, _: Option) -> str | None:
    day = candidate.passed.date
    return None if day is None else written(day)


OTHERS: Final[Mapping[str, Callable[[Candidate, Option], str | None]]] = {
    TARGET: lambda candidate, _: candidate.target,
    PRICE: _price,
    SAVING: _saving,
    GROWTH: _growth,
    FORECAST: _forecast,
}
"""Variables beside meters and limits."""


def price_shown(price: Price) -> str:
    """An amount of money as the operator wrote it: 96.10 stays 96.10."""
    each = " a seat" if price.per_seat else ""
    return f"{price.amount:f} {price.currency}{each} {_per(price.term)}"


def saving_shown(saving: Saving) -> str:
    """A saving with its share, where that is a percent at least."""
    share = f" ({saving.percent:f}%)" if saving.percent else ""
    return f"{saving.amount:f} {saving.currency} {_per(saving.term)}{share}"


def _per(term: str) -> str:
    return "once" if term == ONCE else f"a {term}"
