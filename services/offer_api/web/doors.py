"""What the routes lead to; handed over once, by `services.offer_api.wiring`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from services.kit.clock import Clock
from services.kit.telemetry.listener import Check
from services.offer_api.feed.following import Following
from services.offer_api.metrics import Metrics
from services.offer_api.ports import Decisions, Offers, ServiceKeys, Tokens
from services.offer_api.web.rates import OpenStreams, Rates
from services.offer_api.web.taking import TakeResponses


@dataclass(frozen=True)
class Doors:
    """All that HTTP needs.

    ``origins``: of the pages that may ask from a browser; ``stream_life_s``: longest life of a stream; ``alive`` and
    ``ready``: see `Check`.
    """

    offers: Offers
    decisions: Decisions
    take: TakeResponses
    following: Following
    tokens: Tokens
    keys: ServiceKeys
    clock: Clock
    metrics: Metrics
    rates: Rates
    streams: OpenStreams
    origins: tuple[str, ...]
    stream_life_s: float
    alive: Check
    ready: Check


def doors_of(request: Request) -> Doors:
    """What ``request`` may lead to."""
    doors = request.app.state.doors
    assert isinstance(doors, Doors)  # noqa: S101 - `make_app` puts it there
    return doors


async def _doors(request: Request) -> Doors:
    return doors_of(request)


TheDoors = Annotated[Doors, Depends(_doors)]
