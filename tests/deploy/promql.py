"""Queries taken apart by the parser, and the series that our services really make."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import promql_parser

from tests.deploy.compose import ROOT

if TYPE_CHECKING:
    from enum import StrEnum

    from services.kit.telemetry.metrics import Metric

INTERVAL: Final = "$__rate_interval"
"""Filled in by Grafana."""

ADDED_BY_PROMETHEUS: Final = {"job", "instance"}
SUFFIXES: Final = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
"""Series that a metric of each kind makes."""


@dataclass(frozen=True)
class Series:
    """A series that can be asked for: its labels, and the values of those that are a closed set."""

    labels: frozenset[str]
    values: dict[str, frozenset[str]]


def _registries() -> Iterator[Any]:
    """Every module that defines metrics."""
    for path in sorted((ROOT / "services").rglob("*.py")):
        if path.name == "metrics.py" and path.parent.name != "telemetry":
            yield importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    yield importlib.import_module("services.kit.telemetry.stages")


@lru_cache
def existing() -> dict[str, Series]:
    """Every series that a service makes, by name; its kind is told by how its registry makes it."""
    series = {"up": Series(frozenset(), {})}
    for module in _registries():
        source = (ROOT / (module.__name__.replace(".", "/") + ".py")).read_text()
        for name, kind in re.findall(r"\b([A-Z][A-Z_]+)\.(counter|gauge|histogram)\(", source):
            metric: Metric = getattr(module, name)
            labels: dict[str, type[StrEnum]] = dict(metric.labels)
            for suffix in SUFFIXES[kind]:
                series[metric.name.removesuffix("_total") + suffix] = Series(
                    frozenset(labels) | ({"le"} if suffix == "_bucket" else set()),
                    {label: frozenset(values) for label, values in labels.items()},
                )
    return series


def parse(query: str) -> promql_parser.Expr:
    """``query`` as the parser reads it; raises ``ValueError``."""
    return promql_parser.parse(query.replace(INTERVAL, "1m"))


def faults(query: str, recorded: frozenset[str] = frozenset()) -> list[str]:
    """What ``query`` asks for that is not there; ``recorded`` are the names of recording rules."""
    found: list[str] = []
    selectors = list(_selectors(parse(query)))
    for selector in selectors:
        if selector.name in recorded:
            continue
        series = existing().get(selector.name)
        if series is None:
            found.append(f"no service makes {selector.name}")
            continue
        for matcher in selector.matchers.matchers:
            values = series.values.get(matcher.name)
            if matcher.name not in series.labels | ADDED_BY_PROMETHEUS:
                found.append(f"{selector.name} has no label {matcher.name}")
            elif values is not None and matcher.op == promql_parser.MatchOp.Equal and matcher.value not in values:
                found.append(f"{matcher.name} of {selector.name} is never {matcher.value}")
    labels = frozenset[str]().union(*(existing()[s.name].labels for s in selectors if s.name in existing()))
    return found + [
        f"none of the series has the label {label}"
        for label in _grouped_by(parse(query))
        if label not in labels | ADDED_BY_PROMETHEUS
    ]


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    below = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "param", "vector_selector")]
    for child in [*below, *getattr(node, "args", ())]:
        if child is not None:
            yield from _nodes(child)


def _selectors(query: Any) -> Iterator[Any]:
    return (node for node in _nodes(query) if isinstance(node, promql_parser.VectorSelector))


def _grouped_by(query: Any) -> Iterator[str]:
    for node in _nodes(query):
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            yield from node.modifier.labels
