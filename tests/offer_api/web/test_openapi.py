"""The document of the API. Needs neither Kafka nor PostgreSQL, but for where it is served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from services.offer_api.web import decided, models
from services.offer_api.web.examples import BY_MODEL
from services.offer_api.web.openapi import STREAM_PATH, document
from services.offer_api.web.public import PUBLIC
from tests.offer_api.makers import made, revoked
from tests.offer_api.running import without_kafka
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.offer_api.running import Api
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
async def told(signer: Signer) -> dict[str, Any]:
    async with without_kafka(NOWHERE, signer.jwks) as served:
        return document(served.app)


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from ([part["$ref"]] if "$ref" in part else [])
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def found(told: dict[str, Any], reference: str) -> Any:
    part: Any = told
    for name in reference.removeprefix("#/").split("/"):
        part = part[name]
    return part


async def test_every_reference_leads_somewhere_and_nothing_is_left_over(told: dict[str, Any]) -> None:
    named = set(references(told))
    assert all(found(told, reference) for reference in named)
    assert {f"#/components/schemas/{name}" for name in told["components"]["schemas"]} <= named


async def test_all_that_is_sent_and_answered_has_an_example(told: dict[str, Any]) -> None:
    bodies = [
        content["schema"]
        for methods in told["paths"].values()
        for route in methods.values()
        for part in (route.get("requestBody"), *route["responses"].values())
        for content in (part or {}).get("content", {}).values()
    ]
    models_of = {reference.rpartition("/")[2] for schema in bodies for reference in references(schema)}
    assert models_of <= set(BY_MODEL)


@pytest.mark.parametrize("name", BY_MODEL)
async def test_an_example_is_what_its_model_says(name: str, told: dict[str, Any]) -> None:
    model = getattr(models, name, None) or getattr(decided, name)
    assert issubclass(model, BaseModel)
    example = BY_MODEL[name]
    read = model.model_validate_json(json.dumps(example))
    assert json.loads(read.model_dump_json(exclude_unset=True)) == example
    Draft202012Validator({"$ref": f"#/components/schemas/{name}", **told}).validate(example)


async def test_every_route_says_that_it_needs_a_token_and_how_it_fails(told: dict[str, Any]) -> None:
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            if path in PUBLIC:
                assert "security" not in route
                continue
            assert route["security"] == [{"bearer": []}]
            assert {"401", "403", "404", "422", "429", "503"} <= set(route["responses"])
            for status, answer in route["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (path, method, status)
            assert route["description"]


@pytest.mark.kafka
@pytest.mark.postgres
async def test_events_are_of_the_shape_that_the_document_gives(api: Api, signer: Signer, told: dict[str, Any]) -> None:
    item = told["paths"][STREAM_PATH]["get"]["responses"]["200"]["content"]["text/event-stream"]["itemSchema"]
    shape = Draft202012Validator({**item, **told})
    await api.ground.say(made())
    await api.folded(1)
    async with reading(api.http, STREAM_PATH.replace("{account}", "acme"), signer.headers(), "0-999") as stream:
        resync, offer = await stream.several(2)
        await api.ground.say(revoked(2))
        gone = await stream.next()
    for event in (resync, offer, gone):
        fields = {"event": event.name, "id": event.id, "data": json.dumps(event.data)}
        shape.validate(fields)
        kind = next(one for one in item["oneOf"] if one["properties"]["event"]["const"] == event.name)
        if event.name != "resync":
            content = kind["properties"]["data"]["contentSchema"]
            Draft202012Validator({**content, **told}).validate(event.data)
    assert not shape.is_valid({"event": "offer", "id": "7", "data": "{}"})


@pytest.mark.kafka
@pytest.mark.postgres
async def test_the_document_is_on_the_operators_listener_and_not_on_the_other(api: Api, signer: Signer) -> None:
    served = await api.http.get(f"{api.operators}/openapi.json")
    assert set(served.json()["paths"]) > PUBLIC
    page = await api.http.get(f"{api.operators}/docs")
    assert "POST /v1/accounts/{account}/responses" in page.text
    assert not {"<script", "http://", "https://"} & {
        part for part in ("<script", "http://", "https://") if part in page.text
    }
    for path in ("/openapi.json", "/docs", "/metrics"):
        assert (await api.http.get(path)).status_code == 401
        assert (await api.http.get(path, headers=signer.headers())).status_code == 404
