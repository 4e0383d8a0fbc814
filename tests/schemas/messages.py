"""Messages to take apart: a good one of each kind, and how to spoil it."""

import json
from typing import Any, Final

from schemas.codec import UnreadableEvent, decode_usage

CONTENT: Final = "s3cr3t-of-acme"
"""Stands in a bad message where its content is; an error may name the place, and never repeat this."""


def usage(**changes: object) -> dict[str, Any]:
    """A usage event's attributes, with ``changes`` made."""
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "//files.example/backend",
        "type": "file.stored",
        "subject": "acme",
        "time": "2026-03-02T10:15:04Z",
        "data": {"user": "u-7"},
    } | changes


def without(name: str) -> dict[str, Any]:
    """A usage event that lacks one attribute."""
    return {key: value for key, value in usage().items() if key != name}


def as_json(message: object) -> bytes:
    return json.dumps(message).encode()


def text(raw_data: str) -> bytes:
    """A usage event whose ``data`` is this JSON text, as exact as it stands."""
    return as_json(usage(data="HERE")).replace(b'"HERE"', raw_data.encode())


def refusal(value: bytes | None, headers: list[tuple[str, bytes | None]] | None = None) -> UnreadableEvent:
    """The error with which the usage topic refuses a message; fails when it does not."""
    try:
        event = decode_usage(value, headers or [])
    except UnreadableEvent as error:
        return error
    raise AssertionError(f"was read as {event!r}")
