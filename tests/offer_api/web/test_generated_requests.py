"""Requests that a program makes up from the document of the API, right and wrong ones, against a real server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.kit.clock import SystemClock, to_datetime
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.domain.scope import Scope
from services.offer_api.ports import Change
from services.offer_api.web.openapi import document
from services.offer_api.web.public import PUBLIC
from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import SCHEMA, without_kafka

if TYPE_CHECKING:
    from tests.offer_api.signing import Signer

pytestmark = pytest.mark.postgres

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
"""The document names no 500, so one would be found. That unknown parameters are passed over is no fault."""

EXAMPLES = 25
"""Of each route, for each caller."""


def probe(told: dict[str, Any], url: str, headers: dict[str, str], mode: GenerationMode) -> set[tuple[str, int]]:
    """Ask each route in many ways; returns routes and statuses. Fails where an answer is not as the document says."""
    answered: set[tuple[str, int]] = set()
    for methods in told["paths"].values():
        for route in methods.values():
            route.pop("security", None)  # else most of what it makes up is a token; those have a test of their own
    for result in schemathesis.openapi.from_dict(told).get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # else the document is broken, and this says how
        if operation.path in PUBLIC:
            continue  # they take nothing that could be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
        def ask(case: schemathesis.Case[Any]) -> None:
            if "account" in (case.path_parameters or {}):
                case.path_parameters["account"] = "acme"
            answer = case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)
            answered.add((case.operation.label, answer.status_code))

        ask()
    return answered


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("caller", ["token", "key"])
async def test_whatever_is_asked_is_answered_as_the_document_says(
    caller: str, mode: GenerationMode, fresh_database_url: str, signer: Signer
) -> None:
    await migrate(fresh_database_url, SCHEMA)
    database = Database(fresh_database_url, SCHEMA, "test")
    key, _ = await PostgresKeys(database).make("test", [Scope.READ], to_datetime(SystemClock().now_us()))
    await database.close()
    headers = {"authorization": f"Bearer {key}"} if caller == "key" else signer.headers()
    async with without_kafka(fresh_database_url, signer.jwks) as served:
        await served.offers.fold(0, [Change(made(offer=an_offer("o1")), 0)], 0, 1)
        told = document(served.app)
        answered = await asyncio.to_thread(probe, told, str(served.http.base_url), headers, mode)
    assert {status for _, status in answered} >= {200, 422}
