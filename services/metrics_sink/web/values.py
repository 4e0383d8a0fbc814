"""The report for programs: every value of it, and those that follow from others."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from services.metrics_sink.domain.report import Costs, Funnel, Month, Report
from services.metrics_sink.domain.statistics.retention import Retention
from services.metrics_sink.domain.too_late import Beyond, Ready

FOLLOWING: Final[Mapping[type, tuple[str, ...]]] = {
    Funnel: ("propensity",),
    Month: ("mark",),
    Retention: ("net", "gross"),
    Costs: ("times",),
    Beyond: ("times",),
    Ready: ("is_far",),
}
"""Properties that are told beside the fields."""


def values(report: Report) -> dict[str, Any]:
    """As JSON has it: decimals as text, times in ISO 8601, lengths of time in seconds."""
    return {field.name: _value(getattr(report, field.name)) for field in fields(report)}


def _value(told: Any) -> Any:
    match told:
        case None | bool() | int() | float() | str():
            return told
        case Decimal() | date() | timedelta():
            return _plain(told)
        case Mapping():
            return {str(name): _value(one) for name, one in told.items()}
        case tuple():
            return [_value(one) for one in told]
        case _:
            names = [*(field.name for field in fields(told)), *FOLLOWING.get(type(told), ())]
            return {name: _value(getattr(told, name)) for name in names}


def _plain(told: Decimal | date | timedelta) -> str | float:
    if isinstance(told, timedelta):
        return told.total_seconds()
    return f"{told:f}" if isinstance(told, Decimal) else told.isoformat()
