"""Read the moments that watch a meter: limit, attempt, milestone, habit, growth, forecast."""

from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.moments import (
    NEVER_REACHED,
    AgainAfter,
    AttemptMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    LimitMoment,
    MilestoneMoment,
)
from services.trigger_engine.domain.playbook.product import Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.reading import DURATIONS_US, HUNDRED
from services.trigger_engine.domain.playbook.shapes import (
    A_DURATION,
    A_NAME,
    A_SHARE,
    AN_EVENT,
    NUMERIC,
    WHOLE,
    Shapes,
    any_of,
    described,
    list_of,
    matching,
    one_of,
)
from services.trigger_engine.domain.playbook.words import shown
from services.trigger_engine.domain.playbook.written import Written, behind

DAY_US: Final = DURATIONS_US["d"]
DEFAULT_STEPS: Final[tuple[Decimal, ...]] = (Decimal("0.8"), Decimal("0.9"), Decimal(1))
DEFAULT_CONFIDENCE: Final = Decimal("0.8")
MAX_FORECAST_DAYS: Final = 28
"""As far ahead as the days that a forecast is made from reach back."""
MAX_PERIODS: Final = 12
PLAN_CHANGE: Final = "plan_change"
BELOW: Final = "below "
ACCOUNT: Final = "account."
STEPS: Final = "steps must be above 0%, ascending, and each given once"
ADDED_UP: Final = (Aggregate.COUNT, Aggregate.SUM)

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
MILESTONE_KEYS: Final[Shapes] = {
    "milestone": described(A_NAME, "The meter"),
    "reaches": described(
        any_of(NUMERIC, matching(r"account\.\w+")), "A number, or a fact of the account that holds one"
    ),
}
HABIT_KEYS: Final[Shapes] = {
    "habit": described(A_NAME, "A meter over a span that passes, such as 7d"),
    "reaches": described(NUMERIC, "How much of it is a habit"),
}
GROWTH_KEYS: Final[Shapes] = {
    "growth": described(A_NAME, "A meter that counts or adds up"),
    "by": described(A_SHARE, "How much more than in the period before"),
    "of": described(one_of(Unit), "Which periods are compared"),
    "periods": described(WHOLE, "How many of them in a row grew; 1 when left out"),
    "from": described(NUMERIC, "What the first of them had at least"),
}
FORECAST_KEYS: Final[Shapes] = {
    "forecast": described(A_NAME, "The meter whose limit will be reached"),
    "within": described(A_DURATION, "How soon, in whole days"),
    "confidence": described(A_SHARE, "How sure; 80% when left out"),
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


def read_milestone(moment: Written, stale_after_us: int) -> MilestoneMoment | None:
    """A milestone: of a meter that does not forget, to a number or to what a fact says."""
    node = moment.node("milestone")
    meter = moment.meter(node)
    if meter is not None and node is not None and _passes(meter):
        told = (
            f"{meter.name!r} forgets what is older than its span, so nothing is reached once and for all: use a habit"
        )
        moment.problems.add(node.place, "rolling-milestone", told, width=len(meter.name))
    reaches = moment.required("reaches")
    if reaches is None:
        return None
    if isinstance(reaches.value, str) and reaches.value.startswith(ACCOUNT):
        moment.problems.later(reaches, "a milestone that a fact sets")
        fact = _number_fact(moment, reaches)
        if meter is None or fact is None:
            return None
        return MilestoneMoment(moment.name, meter.name, NEVER_REACHED, stale_after_us, reaches_fact=fact)
    number = moment.problems.positive(reaches, "a milestone")
    return None if meter is None or number is None else MilestoneMoment(moment.name, meter.name, number, stale_after_us)


def _number_fact(moment: Written, node: Node) -> str | None:
    facts = {f"{ACCOUNT}{name}": fact.type for name, fact in moment.product.facts.items()}
    known = moment.problems.one_of(node, "a fact of the product document", facts, "unknown-fact")
    if known is None:
        return None
    if facts[known] not in ("number", "whole"):
        told = f"{known!r} is {facts[known]}, and this needs a number"
        moment.problems.add(node.place, "fact-type", told, width=len(known))
        return None
    return known.removeprefix(ACCOUNT)


def read_habit(moment: Written, stale_after_us: int) -> HabitMoment | None:
    """A habit: of a meter that forgets, for what was done once and stays counted for ever is none."""
    node = moment.node("habit")
    meter = moment.meter(node)
    reaches = moment.required("reaches")
    number = moment.problems.positive(reaches, "a habit") if reaches else None
    if meter is not None and node is not None and meter.span is Span.EVER:
        told = f"{meter.name!r} counts for ever, and a habit is of a span such as 7d: use a milestone"
        moment.problems.add(node.place, "habit-for-ever", told, width=len(meter.name))
    return None if meter is None or number is None else HabitMoment(moment.name, meter.name, number, stale_after_us)


def read_growth(moment: Written, stale_after_us: int) -> GrowthMoment | None:
    """Growth: of what is counted or added up, over complete periods of the calendar."""
    meter = _added_up(moment, "growth")
    by = _share(moment, "by")
    of = moment.required("of")
    unit = moment.problems.one_of(of, "a period of the calendar", list(Unit), "period") if of else None
    written = moment.node("periods")
    periods = moment.problems.whole(written, "periods", least=1) if written else 1
    if written and periods is not None and periods > MAX_PERIODS:
        moment.add("periods", "range", f"periods must be {MAX_PERIODS} or less")
    least = moment.required("from")
    at_least = moment.problems.positive(least, "'from'") if least else None
    if meter is None or by is None or unit is None or periods is None or at_least is None:
        return None
    return GrowthMoment(moment.name, meter.name, by, Unit(unit), periods, at_least, stale_after_us)


def read_forecast(moment: Written, stale_after_us: int) -> ForecastMoment | None:
    """A forecast: of what is counted or added up, towards a limit, some days ahead."""
    meter = _added_up(moment, "forecast")
    limited = moment.limited(moment.node("forecast")) if meter is not None and meter.aggregate in ADDED_UP else None
    within = moment.required_duration("within")
    if within is not None and (within % DAY_US or within > MAX_FORECAST_DAYS * DAY_US):
        moment.add("within", "range", f"within must be whole days, {MAX_FORECAST_DAYS}d at most")
    confidence = _share(moment, "confidence") if "confidence" in moment.keys else DEFAULT_CONFIDENCE
    if confidence is not None and confidence > 1:
        moment.add("confidence", "range", "confidence can not be above 100%")
    if limited is None or within is None or confidence is None:
        return None
    return ForecastMoment(moment.name, limited, within // DAY_US, confidence, stale_after_us)


def _passes(meter: MeterDefinition) -> bool:
    """Whether the meter's span is one that moves along with time."""
    return meter.span is Span.ROLLING


def _added_up(moment: Written, key: str) -> MeterDefinition | None:
    node = moment.node(key)
    meter = moment.meter(node)
    if meter is not None and node is not None and meter.aggregate not in ADDED_UP:
        told = f"{key} adds up days and months, and {meter.name!r} is neither a count nor a sum"
        moment.problems.add(node.place, "not-added-up", told, width=len(meter.name))
    return meter


def _share(moment: Written, key: str) -> Decimal | None:
    node = moment.required(key)
    share = moment.problems.percent(node, key) if node else None
    if share == 0:
        moment.add(key, "range", f"{key} must be above 0%")
    return share
