"""Read the moments at a plan's limit: limit, attempt."""

from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.moments import AgainAfter, AttemptMoment, LimitMoment
from services.trigger_engine.domain.playbook.reading import HUNDRED
from services.trigger_engine.domain.playbook.shapes import (
    A_NAME,
    A_SHARE,
    AN_EVENT,
    Shapes,
    any_of,
    described,
    list_of,
    matching,
    one_of,
)
from services.trigger_engine.domain.playbook.words import shown
from services.trigger_engine.domain.playbook.written import Written, behind

DEFAULT_STEPS: Final[tuple[Decimal, ...]] = (Decimal("0.8"), Decimal("0.9"), Decimal(1))
PLAN_CHANGE: Final = "plan_change"
BELOW: Final = "below "
STEPS: Final = "steps must be above 0%, ascending, and each given once"

LIMIT_KEYS: Final[Shapes] = {
    "limit": described(A_NAME, "The meter whose limit is reached"),
    "at": described(list_of(A_SHARE, least=1), "Shares of the limit, ascending; 80%, 90% and 100% when left out"),
    "again_after": described(
        list_of(any_of(one_of([PLAN_CHANGE]), matching(r"below \d{1,4}(\.\d{1,3})?%"))),
        "What lets it fire again, beside its own rule",
    ),
}
ATTEMPT_KEYS: Final[Shapes] = {
    "attempt": described(AN_EVENT, "What was tried"),
    "of": described(A_NAME, "The meter that stands at its limit"),
}


def read_limit(moment: Written, stale_after_us: int) -> LimitMoment | None:
    """A limit: steps ascend, and what re-arms it lies below the lowest of them."""
    meter = moment.limited(moment.node("limit"))
    steps = _steps(moment)
    again = _again_after(moment, steps)
    if meter is None or steps is None:
        return None
    return LimitMoment(moment.name, meter, steps, stale_after_us, again_after=again)


def _steps(moment: Written) -> tuple[Decimal, ...] | None:
    node = moment.node("at")
    if node is None:
        return DEFAULT_STEPS
    items = moment.problems.items(node, "at")
    steps = tuple(step for item in items if (step := moment.problems.percent(item, "a step")) is not None)
    if len(steps) != len(items) or not isinstance(node.value, tuple):
        return None
    if not steps or list(steps) != sorted(set(steps)) or steps[0] <= 0:
        moment.add("at", "steps", STEPS)
        return None
    return steps


def _again_after(moment: Written, steps: tuple[Decimal, ...] | None) -> AgainAfter:
    node = moment.node("again_after")
    plan_change, below = False, None
    for item in moment.problems.items(node, "again_after") if node else ():
        word = moment.problems.text(item, "again_after")
        if word == PLAN_CHANGE:
            plan_change = True
        elif word.startswith(BELOW):
            below = moment.problems.percent(behind(item, BELOW), "the share to fall below")
            if below is not None and steps and below >= steps[0]:
                least = shown(steps[0] * HUNDRED)
                told = f"{word!r} must lie under the lowest step, {least}%, or the moment would fire without an end"
                moment.problems.add(item.place, "again-after", told, width=len(word))
        elif word:
            told = f"again_after may have {PLAN_CHANGE} and 'below 70%', not {word!r}"
            moment.problems.add(item.place, "again-after", told, width=len(word))
    return AgainAfter(plan_change, below)


def read_attempt(moment: Written, stale_after_us: int) -> AttemptMoment | None:
    """An attempt: something that is only tried in vain while a meter stands at its limit."""
    event = moment.event(moment.node("attempt"))
    of = moment.limited(moment.required("of"))
    return None if event is None or of is None else AttemptMoment(moment.name, event, of, stale_after_us)
