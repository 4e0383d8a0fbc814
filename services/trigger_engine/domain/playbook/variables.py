"""The variables that an offer's words can have, and which of them some account may have no value for."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.trigger_engine.domain.playbook.moments import (
    AnyMoment,
    AttemptMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    LimitMoment,
    MilestoneMoment,
)
from services.trigger_engine.domain.playbook.product import Product, Span
from services.trigger_engine.domain.playbook.verbs import (
    Add,
    AddComplement,
    AddSeats,
    ChangeTerm,
    Does,
    Highlight,
    SellBundle,
    UpgradeTo,
    UpgradeToFitting,
    UpgradeToUnlock,
)

TARGET: Final = "target"
PRICE: Final = "price"
SAVING: Final = "saving"
GROWTH: Final = "growth.percent"
FORECAST: Final = "forecast.date"

OF_ONE_THING: Final = (
    UpgradeTo,
    UpgradeToFitting,
    UpgradeToUnlock,
    Add,
    AddComplement,
    SellBundle,
    AddSeats,
    ChangeTerm,
)
"""What is about one thing, which has a name and a price."""


def variables_of(does: Does | None, moments: Iterable[AnyMoment], product: Product) -> dict[str, bool]:
    """Each variable of an offer that does this at these moments, with whether it may be unknown.

    Where the verb or the moments could not be read, what they might have told is known: one fault is told once.
    """
    at = list(moments)
    known = {f"meters.{meter}": _meter_may_be_unknown(meter, at, product) for meter in product.meters}
    known |= {f"limit.{meter}": not at or not all(_limits(moment, meter) for moment in at) for meter in product.meters}
    if does is None or isinstance(does, OF_ONE_THING):
        known |= {TARGET: False, PRICE: True}
    if isinstance(does, Highlight):
        known[TARGET] = False
    if does is None or isinstance(does, SellBundle | ChangeTerm):
        known[SAVING] = True
    for name, kind in BY_KIND.items():
        if not at or any(isinstance(moment, kind) for moment in at):
            known[name] = not all(isinstance(moment, kind) for moment in at)
    return known


BY_KIND: Final[Mapping[str, type[AnyMoment]]] = {GROWTH: GrowthMoment, FORECAST: ForecastMoment}
"""What one kind of moment alone can tell."""


def _meter_may_be_unknown(meter: str, moments: list[AnyMoment], product: Product) -> bool:
    definition = product.meters[meter]
    starts_empty = product.starts_empty
    always = starts_empty and definition.span is Span.EVER and definition.of_account
    return not always and not (moments and all(_stands_at(moment, meter) for moment in moments))


def _limits(moment: AnyMoment, meter: str) -> bool:
    """Whether the moment is only there where the meter has a limit."""
    match moment:
        case LimitMoment() | ForecastMoment():
            return moment.meter == meter
        case AttemptMoment():
            return moment.of == meter
        case _:
            return False


def _stands_at(moment: AnyMoment, meter: str) -> bool:
    """Whether the moment is only there where the meter has a number."""
    match moment:
        case LimitMoment() | MilestoneMoment() | HabitMoment() | ForecastMoment():
            return moment.meter == meter
        case AttemptMoment():
            return moment.of == meter
        case _:
            return False
