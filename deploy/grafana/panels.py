"""Panels as all dashboards have them: numbers, lines, and the queries that they share."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Final

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="prometheus")

Panels = Sequence[stat.Panel | timeseries.Panel]

HEIGHT: Final = 8
HALF: Final = 12
QUARTER: Final = 6
"""Sizes of panels, in the 24 columns of Grafana's grid."""


def _query(expr: str, legend: str, ref: str = "A") -> prometheus.Dataquery:
    return prometheus.Dataquery().ref_id(ref).expr(expr).legend_format(legend).range()


def quantile(q: float, histogram: str, where: str = "", by: str = "le") -> str:
    """The quantile ``q`` of ``histogram`` lately, of its series ``where``; ``by`` more labels than ``le``."""
    return f"histogram_quantile({q}, sum by ({by}) (rate({histogram}_bucket{where}[$__rate_interval])))"


def quantiles(histogram: str, where: str = "", qs: tuple[float, ...] = (0.5, 0.95, 0.99)) -> dict[str, str]:
    """Several quantiles, by their legends."""
    return {f"p{q * 100:g}": quantile(q, histogram, where) for q in qs}


def rate(counter: str, by: str = "") -> str:
    """How often a second lately, summed over all processes."""
    summed = f"sum by ({by})" if by else "sum"
    return f"{summed} (rate({counter}[$__rate_interval]))"


def levels(level: float) -> dashboard.ThresholdsConfig:
    """Green below ``level``, red from it on."""
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=None, color="green"), models.Threshold(value=level, color="red")])
    )


def number(title: str, meaning: str, expr: str, unit: str) -> stat.Panel:
    """One number, as it stands."""
    return (
        stat.Panel()
        .title(title)
        .description(meaning)
        .datasource(SOURCE)
        .unit(unit)
        .height(HEIGHT // 2)
        .span(QUARTER)
        .with_target(_query(expr, title))
        .color_mode(common.BigValueColorMode.VALUE)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value("nothing yet")
    )


def lines(
    title: str, meaning: str, unit: str, queries: dict[str, str], span: int = HALF, *, traced: bool = False
) -> timeseries.Panel:
    """A panel of lines; ``queries`` from legend to query.

    Of one that is ``traced``, points lead to the traces of what the last query is about: the exemplars of its series.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(meaning)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .height(HEIGHT)
        .span(span)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .tooltip(options.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
    )
    last = list(queries)[-1]
    for ref, (legend, expr) in zip(ascii_uppercase, queries.items(), strict=False):
        query = _query(expr, legend, ref)
        panel = panel.with_target(query.exemplar(exemplar=True) if traced and legend == last else query)
    return panel


def marked(panel: timeseries.Panel, level: float) -> timeseries.Panel:
    """``panel`` with a line at ``level``."""
    style = options.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.LINE)
    return panel.thresholds(levels(level)).thresholds_style(style)
