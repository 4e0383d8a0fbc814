"""An account made up for a preview: what is said of it is told to the engine's own core, as facts and as usage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

import msgspec

from schemas.codec import STRUCTURED, decode_usage
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.inputs import Property, Usage
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.meter_definitions import ANY_EVENT, QUANTITY, Aggregate, MeterDefinition
from services.trigger_engine.domain.playbook.meter_definitions import USER as THE_USER
from services.trigger_engine.domain.playbook.product import LimitValue, Product, Span
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.trying.world import World

SOURCE: Final = "rung/preview"
DAY_US: Final = 86_400_000_000
AGE_US: Final = 100 * DAY_US
"""How old an account is unless it is said: past what guardrails usually wait for."""

MONTH_US: Final = 30 * DAY_US
USER: Final = "example"
MOST_EVENTS: Final = 1_000
"""Made up to let a meter of different values, or of days, stand somewhere."""

AS_NUMBERS: Final = msgspec.json.Encoder(decimal_format="number")
WIRE: Final = [("content-type", STRUCTURED.encode())]

Fact = str | Decimal | bool | None


@dataclass(frozen=True)
class Example:
    """What is said of an account; what is not said is unknown, or as the product document has it."""

    id: str = "example"
    plan: str | None = None
    term: str | None = None
    seats: int | None = None
    locale: str | None = None
    zone: str | None = None
    owned: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    meters: Mapping[str, Decimal] = field(default_factory=dict)
    limits: Mapping[str, LimitValue] = field(default_factory=dict)
    age_us: int = AGE_US
    user: str | None = None
    group: str | None = None


def world_of(example: Example, rules: CompiledSet, now: int) -> World:
    """The account in memory at ``now``; nothing was offered to it. Raises as the core does of what can not be."""
    quiet = replace(rules, offers={}, paused=frozenset())
    world = World(quiet, example.id, now - example.age_us, example.age_us + DAY_US)
    teller = _Teller(world, example)
    teller.facts(now)
    world.wait_until(now)
    for name, value in sorted(example.meters.items()):
        teller.meter(rules.product.meters[name], value)
    return world


class _Teller:
    """Tells a world what is said of its account."""

    def __init__(self, world: World, example: Example) -> None:
        self._world = world
        self._example = example
        self._sent = 0

    def facts(self, now: int) -> None:
        example = self._example
        profile = {
            "plan": example.plan,
            "term": example.term,
            "seats": example.seats,
            "locale": example.locale,
            "zone": example.zone,
            "attributes": dict(example.facts),
        }
        self._tell("account_created", {name: value for name, value in profile.items() if value is not None})
        self._tell("period_started", {"starts": to_datetime(now - MONTH_US // 2), "ends": to_datetime(now + MONTH_US)})
        for product in example.owned:
            self._tell("product_bought", {"product": product})
        for meter, limit in sorted(example.limits.items()):
            self._tell("limit_set", {"meter": meter, "value": limit})

    def meter(self, meter: MeterDefinition, value: Decimal) -> None:
        """Let the meter stand at ``value``: as a fact where facts can tell it, else by usage made up for it."""
        told = meter.aggregate not in (Aggregate.DISTINCT, Aggregate.DAYS_WITH)
        if told and meter.of_account and meter.span in (Span.EVER, Span.BILLING_PERIOD):
            self._tell("meter_set", {"meter": meter.name, "value": value, "as_of": to_datetime(self._world.now)})
            return
        for usage in self._usage(meter, value):
            self._world.use(usage)

    def _usage(self, meter: MeterDefinition, value: Decimal) -> Iterator[Usage]:
        """Events that bring a meter, which has counted nothing yet, to ``value``."""
        product, now = self._world.rules.product, self._world.now
        event = next(iter(product.events)) if meter.of == ANY_EVENT else meter.of
        user = self._example.user or (USER if meter.by_user else None)
        properties = dict(_made_up(product, event))
        if meter.by is not None:
            properties[meter.by] = self._example.group or USER
        times = min(int(value), MOST_EVENTS)
        if meter.aggregate is Aggregate.DAYS_WITH:
            yield from (self._event(event, now - number * DAY_US, user, properties) for number in range(times))
        elif meter.aggregate is Aggregate.DISTINCT:
            for name in (f"{USER}-{number + 1}" for number in range(times)):
                whose = name if meter.prop == THE_USER else user
                yield self._event(event, now, whose, {**properties, str(meter.prop): name})
        elif meter.aggregate is Aggregate.COUNT or meter.prop in (None, QUANTITY):
            yield self._event(event, now, user, properties, value)
        else:
            yield self._event(event, now, user, {**properties, str(meter.prop): value})

    def _event(
        self, event: str, at: int, user: str | None, properties: dict[str, Property], quantity: Decimal = Decimal(1)
    ) -> Usage:
        return Usage(SOURCE, self._id(), event, self._example.id, at, user, quantity, properties)

    def _tell(self, word: str, data: dict[str, object]) -> None:
        body = {
            "specversion": "1.0",
            "id": self._id(),
            "source": SOURCE,
            "type": f"rung.{word}",
            "subject": self._example.id,
            "time": to_datetime(self._world.now),
            "data": data,
        }
        fact = decode_usage(AS_NUMBERS.encode(body), WIRE)
        self._world.tell(fact)  # type: ignore[arg-type]  # the type is that of a fact

    def _id(self) -> str:
        self._sent += 1
        return f"preview-{self._sent:06}"


def _made_up(product: Product, event: str) -> Iterator[tuple[str, Property]]:
    """What an event of this type must say."""
    for name, kind in product.events.get(event, {}).items():
        if not kind.endswith("?"):
            yield name, USER if kind == Kind.TEXT else Decimal(1) if kind in (Kind.NUMBER, Kind.WHOLE) else True
