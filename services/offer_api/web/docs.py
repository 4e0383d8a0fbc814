"""The document of the API for people and programs, on the operators' listener: front ends have no use for it there."""

import json
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from services.offer_api.web.openapi import document

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}pre{{overflow:auto}}</style>
<h1>{title}</h1><p>For programs: <a href="openapi.json">openapi.json</a></p>
{routes}
</html>
"""


def docs(app: FastAPI) -> list[Route]:
    """``/openapi.json``, and ``/docs`` made of it: a page that loads nothing from anywhere."""
    told = document(app)
    page = _page(told)

    async def openapi(_: Request) -> Response:
        return JSONResponse(told)

    async def shown(_: Request) -> Response:
        return HTMLResponse(page, headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"})

    return [Route("/openapi.json", openapi), Route("/docs", shown)]


def _page(told: dict[str, Any]) -> str:
    schemas = told["components"]["schemas"]
    routes = [
        _route(f"{method.upper()} {path}", route, schemas)
        for path, methods in told["paths"].items()
        for method, route in methods.items()
    ]
    return PAGE.format(title=escape(told["info"]["title"]), routes="\n".join(routes))


def _route(name: str, route: dict[str, Any], schemas: dict[str, Any]) -> str:
    takes = [f"<li><code>{escape(one['name'])}</code> in {one['in']}</li>" for one in route.get("parameters", ())]
    answers = [
        f"<li>{status}: {escape(answer['description'])}{_example(answer, schemas)}</li>"
        for status, answer in sorted(route["responses"].items())
    ]
    text = f"<h2><code>{escape(name)}</code></h2><p>{escape(route.get('description', ''))}</p>"
    return f"{text}<ul>{''.join(takes)}</ul><ul>{''.join(answers)}</ul>"


def _example(answer: dict[str, Any], schemas: dict[str, Any]) -> str:
    for media_type, content in answer.get("content", {}).items():
        if "example" in content:
            return f"<pre>{escape(content['example'])}</pre>"
        model = content["schema"].get("$ref", "").rpartition("/")[2]
        if media_type == "application/json" and "examples" in schemas.get(model, {}):
            return f"<pre>{escape(json.dumps(schemas[model]['examples'][0], indent=2))}</pre>"
    return ""
