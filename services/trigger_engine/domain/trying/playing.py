"""Play a scenario: its steps happen to one account, one after the other, on the engine's own core."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

import msgspec

from schemas.codec import STRUCTURED, UnreadableEvent, decode_usage
from schemas.envelope import Envelope
from schemas.facts import Fact
from schemas.responses import Responded, ResponseData
from services.trigger_engine.domain.account import OpenOffer
from services.trigger_engine.domain.inputs import Impossible, Property, Usage
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.numbers import trimmed
from services.trigger_engine.domain.playbook.scenario import (
    NTH,
    Expects,
    Happens,
    Responds,
    Scalar,
    Scenario,
    Step,
    Told,
    Waits,
    When,
)
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.trying.expecting import expected, unmet
from services.trigger_engine.domain.trying.played import Failed, Played, Standing
from services.trigger_engine.domain.trying.seen import decisions, offers, seen
from services.trigger_engine.domain.trying.world import World

SOURCE: Final = "rung/scenario"
AS_NUMBERS: Final = msgspec.json.Encoder(decimal_format="number")
WIRE: Final = [("content-type", STRUCTURED.encode())]


def play(scenario: Scenario, rules: CompiledSet, lateness_us: int) -> Played:
    """Let the story happen up to the first step that fails; ``lateness_us`` is the engine's setting.

    What is given is told in the order of its times, before the story starts; what comes of it counts as come since
    the start. Each step has its effect at once, and a wait fires each timer when it is due.
    """
    begins = min((_at(told.at, scenario.start_us) for told in scenario.given), default=scenario.start_us)
    story = _Story(scenario.start_us, World(rules, scenario.account, min(begins, scenario.start_us), lateness_us))
    for told in sorted(scenario.given, key=lambda told: _at(told.at, scenario.start_us)):
        failed = story.given(told)
        if failed is not None:
            return Played(scenario.name, scenario.about, failed)
    story.begin()
    for step in scenario.steps:
        failed = story.goes_on(step)
        if failed is not None:
            return Played(scenario.name, scenario.about, failed)
    return Played(scenario.name, scenario.about)


class _Story:
    """``_came``: what came since the last expectation; ``_offers``: every offer of the story so far."""

    def __init__(self, start_us: int, world: World) -> None:
        self._start_us = start_us
        self._world = world
        self._came: list[Envelope] = []
        self._offers = offers(self._came)
        self._sent = 0

    def given(self, told: Told) -> Failed | None:
        """Something that is true before the story starts."""
        at = _at(told.at, self._start_us)
        self._take(self._world.wait_until(min(at, self._start_us)))
        return self._tried(told, self._start_us)

    def begin(self) -> None:
        """It is the time at which the story starts."""
        self._take(self._world.wait_until(self._start_us))

    def goes_on(self, step: Step) -> Failed | None:
        """The next step."""
        if isinstance(step, Expects):
            return self._expects(step)
        return self._tried(step, self._world.now)

    def _tried(self, step: Happens | Told | Waits | Responds, base_us: int) -> Failed | None:
        try:
            match step:
                case Happens():
                    self._happens(step)
                case Told():
                    self._take(self._world.tell(self._fact(step, base_us)))
                case Waits():
                    self._take(self._world.wait_until(_at(step.until, base_us)))
                case Responds():
                    return self._responds(step)
        except (Impossible, UnreadableEvent) as refused:
            return self._failed(step, f"the engine refuses this as {refused.reason}: {refused.detail}")
        return None

    def _happens(self, step: Happens) -> None:
        for time in range(1, step.times + 1):
            properties = {name: _exact(value, time) for name, value in step.properties.items()}
            user = None if step.user is None else step.user.replace(NTH, str(time))
            if time > 1:
                self._take(self._world.wait_until(self._world.now + step.every_us))
            at = self._world.now - step.late_us
            usage = Usage(SOURCE, self._id(), step.event, self._world.id, at, user, step.quantity, properties)
            self._take(self._world.use(usage))

    def _fact(self, told: Told, base_us: int) -> Fact:
        """The fact as it would be read from the wire; raises `UnreadableEvent` when its contract refuses it."""
        body = AS_NUMBERS.encode(
            {
                "specversion": "1.0",
                "id": self._id(),
                "source": SOURCE,
                "type": told.type,
                "subject": self._world.id,
                "time": to_datetime(_at(told.at, base_us)),
                "data": {name: _on_the_wire(value, base_us) for name, value in told.data.items()},
            }
        )
        return cast("Fact", decode_usage(body, WIRE))  # its type is that of a fact

    def _responds(self, step: Responds) -> Failed | None:
        found = [offer for offer in self._world.account().open_offers() if offer.offer == step.offer]
        if not found:
            return self._failed(step, f"nobody can have {step.response} {step.offer}: {self._open()}")
        response = Responded(
            id=self._id(),
            source=SOURCE,
            subject=self._world.id,
            time=to_datetime(self._world.now),
            data=ResponseData(offer=_of(found, step.user).offer_id, response=step.response, user=step.user),
        )
        self._take(self._world.respond(response))
        return None

    def _expects(self, expects: Expects) -> Failed | None:
        decided = decisions(self._came)
        found = unmet(expects, seen(self._came, self._offers), decided)
        if found is not None:
            return self._failed(expects, f"expected {expected(expects)}, and {found}")
        self._came.clear()
        return None

    def _take(self, events: Sequence[Envelope]) -> None:
        self._came.extend(events)
        self._offers |= offers(events)

    def _failed(self, step: Step, why: str) -> Failed:
        return Failed(step.place, why, tuple(self._came), tuple(_standings(self._world)))

    def _open(self) -> str:
        names = [offer.offer for offer in self._world.account().open_offers()]
        return f"open is {', '.join(names)}" if names else "no offer is open"

    def _id(self) -> str:
        """Of two facts of one time the one with the greater id holds, and that is to be the later step's."""
        self._sent += 1
        return f"step-{self._sent:08}"


def _at(when: When, base_us: int) -> int:
    return base_us + when.after_us if when.at_us is None else when.at_us


def _of(found: Sequence[OpenOffer], user: str | None) -> OpenOffer:
    """The offer that is this user's own, else the newest."""
    own = [offer for offer in found if offer.user is not None and offer.user == user]
    return (own or found)[-1]


def _exact(value: Scalar, time: int) -> Property:
    """The value as an event has it, the ``time``-th time that it happens."""
    if isinstance(value, str):
        return value.replace(NTH, str(time))
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _on_the_wire(value: Scalar | When | Mapping[str, Scalar], base_us: int) -> object:
    return to_datetime(_at(value, base_us)) if isinstance(value, When) else value


def _standings(world: World) -> Iterator[Standing]:
    """What every meter that counted anything stands at."""
    account, product = world.account(), world.rules.product
    for meter in product.meters.values():
        if not meter.by_user:
            state = account.meters.get(meter.key)
            if state is not None:
                yield Standing(meter.name, trimmed(state.value), account.limit(meter.name, product))
            continue
        for name, user in world.users().items():
            state = user.meters.get(meter.key)
            if state is not None:
                yield Standing(meter.name, trimmed(state.value), user=name)
