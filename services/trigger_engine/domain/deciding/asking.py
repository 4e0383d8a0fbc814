"""What a condition waits for: why it can not be told yet, and what could change its answer."""

from collections.abc import Iterator, Sequence

from schemas.decisions import Reason
from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.conditions.condition import Condition, Verdict
from services.trigger_engine.domain.deciding.candidate import Withheld
from services.trigger_engine.domain.playbook.asked import behind, changes_by_itself
from services.trigger_engine.domain.playbook.meter_definitions import USER_COUNT
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import METER, TOTAL_OF, Values


def because(reason: Reason, condition: Condition, situation: Situation) -> Withheld:
    """Why the condition keeps an offer away, in the operator's own words, and what may change its answer."""
    names = tuple(_behind(condition, situation.rules))
    return Withheld(reason, condition.text, again=_again(names, situation), waits_for=tuple(_meters(names)))


def unknown(asked: str, verdict: Verdict, values: Values, situation: Situation) -> Withheld:
    """What nobody knows of the account: the names, else what was ``asked``.

    Counting more does not make it known: facts do, and time.
    """
    names = values.missing(verdict)
    return Withheld(Reason.UNKNOWN, ", ".join(names) or asked, again=_again(names, situation))


def _behind(condition: Condition, rules: CompiledSet) -> Iterator[str]:
    return behind(condition.reads, rules.segments, rules.product.levels)


def _meters(names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name == USER_COUNT.name:
            yield name
        if name.startswith((METER, TOTAL_OF)):
            yield name.removeprefix(TOTAL_OF).removeprefix(METER).removesuffix(")")


def _again(names: Sequence[str], situation: Situation) -> int | None:
    """When to ask again though nothing happens: at the account's next day, where time alone may change the answer."""
    if not any(changes_by_itself(name, situation.rules.product) for name in names):
        return None
    return calendar.end_of(calendar.Unit.DAY, situation.now, situation.account.zone())
