"""Every metric stands in its service's registry, is shown by it, and is on the page."""

from __future__ import annotations

from enum import StrEnum

import pytest

from services.kit.telemetry.metrics import Unit
from tests.deploy.metrics_page import PAGE, page
from tests.deploy.registries import SERVICES, Service, base

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: str(service.name))


@each_service
def test_a_service_shows_what_its_registry_declares_and_nothing_else(service: Service) -> None:
    assert sorted(service.families()) == sorted(base(metric) for metric in service.declared)


@each_service
def test_a_metric_has_the_labels_that_are_declared(service: Service) -> None:
    families = service.families()
    for metric in service.declared:
        shown = {label for sample in families[base(metric)].samples for label in sample.labels} - {"le"}
        assert shown <= set(metric.labels), metric.name


@each_service
def test_a_metric_says_its_unit_in_its_name_and_its_meaning_in_a_sentence(service: Service) -> None:
    for metric in service.declared:
        assert metric.meaning.endswith("."), metric.name
        assert all(issubclass(values, StrEnum) for values in metric.labels.values()), metric.name
        assert ("_seconds" in metric.name) == (metric.unit is Unit.SECONDS), metric.name


def test_no_metric_is_of_two_services_but_the_stages_which_they_fill_together() -> None:
    names = [metric.name for service in SERVICES for metric in service.declared]
    assert {name for name in names if names.count(name) > 1} == {"rung_stage_latency_seconds"}


def test_the_page_is_what_the_registries_say() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.deploy.metrics_page"
