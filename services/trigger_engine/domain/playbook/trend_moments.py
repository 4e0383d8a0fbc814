"""Read the moments that look at how a meter moves over days and months: growth, forecast."""

from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.playbook.moments import ForecastMoment, GrowthMoment
from services.trigger_engine.domain.playbook.product import Aggregate, MeterDefinition
from services.trigger_engine.domain.playbook.reading import DURATIONS_US
from services.trigger_engine.domain.playbook.shapes import (
    A_DURATION,
    A_NAME,
    A_SHARE,
    NUMERIC,
    WHOLE,
    Shapes,
    described,
    one_of,
)
from services.trigger_engine.domain.playbook.written import Written

DAY_US: Final = DURATIONS_US["d"]
DEFAULT_CONFIDENCE: Final = Decimal("0.8")
MAX_FORECAST_DAYS: Final = 28
"""As far ahead as the days that a forecast is made from reach back."""
MAX_PERIODS: Final = 12
"""A year of months: as far back as growth is looked at."""
ADDED_UP: Final = (Aggregate.COUNT, Aggregate.SUM)

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
