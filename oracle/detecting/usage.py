"""How a usage event moves meters: the account's, its user's, those of the values of its properties."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oracle.detecting.scene import put
from oracle.ids import Part
from oracle.language.feeds import Watched
from oracle.language.meter import BILLING_PERIOD, QUANTITY
from oracle.messages import Refused
from oracle.meters.counting import Reading, amount, by_of, counted_by, must_count, standing
from oracle.numbers import EXACT, THOUSANDTHS, ZERO, countable, greatest, plus, trimmed
from oracle.state import Standing

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.language.meter import Meter
    from oracle.language.moment import Forecast, Growth, Moment
    from oracle.language.rules import Rules
    from oracle.messages import Message
    from oracle.meters.state import Counted
    from oracle.state import Slice

MAX_GROUP_BYTES: Final = 256


class Moved(NamedTuple):
    """A meter of ``holder`` came from ``before`` to ``after``, by ``by``; ``moments`` look at it, ``trends`` add it up.

    ``after`` is None when the event lies in no window that is still open. A meter by user, or by a property, also moves
    the account's total, which nothing watches.
    """

    meter: Meter
    moments: tuple[Moment, ...]
    trends: tuple[Growth | Forecast, ...]
    holder: Slice
    part: Part | None
    by: Decimal | int
    before: Standing | Counted | None
    after: Standing | Counted | None
    reading: Reading | None

    def stood(self, at: int, scene: Scene) -> Decimal:
        """What it stood at before, in the window of the event."""
        if self.meter.is_plain:
            same = isinstance(self.before, Standing) and self.reading and self.before.period == self.reading.period
            return self.before.value if same and isinstance(self.before, Standing) else ZERO
        counted = None if isinstance(self.before, Standing) else self.before
        found = standing(self.meter, counted, at, scene.when)
        return ZERO if found is None else found.value


def count(scene: Scene, usage: Message) -> list[Moved]:
    """What the event would do to meters; nothing is changed. Raises `Refused` when one of them can not read it."""
    found: list[Moved] = []
    for watched in scene.rules.feeds[usage.type].meters:
        meter = watched.meter
        by = _plain_by(meter, usage) if meter.is_plain else by_of(meter, usage, scene.when)
        if by is None:
            continue
        if meter.by is None:
            found.append(_moved(scene, watched, None, by, usage.at))
            continue
        part = _part(meter, usage)
        if part is not None:
            found.append(_moved(scene, watched, part, by, usage.at))
        found.append(_moved(scene, Watched(meter, (), ()), None, by, usage.at))
    return found


def keep(scene: Scene, moved: Moved) -> None:
    """Let the meter stand there."""
    key, present = moved.meter.key, scene.rules.meter_keys
    if isinstance(moved.after, Standing):
        put(moved.holder.meters, key, moved.after, present)
    elif moved.after is not None:
        put(moved.holder.counted, key, moved.after, present)


def _plain_by(meter: Meter, usage: Message) -> Decimal:
    by = amount(meter, usage)
    return ZERO if by is None else by


def _part(meter: Meter, usage: Message) -> Part | None:
    """Whose number it is; None when the event does not say."""
    if meter.by_user:
        return None if usage.data["user"] is None else Part(usage.data["user"])
    value = group_of(usage.data["properties"].get(meter.by))
    if value is None and not meter.by_may_lack:
        raise Refused("invalid")
    return None if value is None else Part(value, meter.by)


def group_of(value: Any) -> str | None:
    """The value of a property, as what it is told apart by: a number by what it says. Raises `Refused`."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if len(value.encode()) > MAX_GROUP_BYTES:
            raise Refused("invalid")
        return value
    number = countable(Decimal(value))
    if number is None:
        raise Refused("invalid")
    return f"{number.normalize(EXACT):f}" if number else "0"


def parts_of(rules: Rules, usage: Message) -> list[Part]:
    """The parts of the account that the event, which was counted, may mean something for."""
    feed = rules.feeds[usage.type]
    parts = [Part(usage.data["user"])] if feed.of_user and usage.data["user"] is not None else []
    for prop in feed.properties:
        try:
            value = group_of(usage.data["properties"].get(prop))
        except Refused:  # so no meter that is kept by it has counted the event
            continue
        parts.extend([] if value is None else [Part(value, prop)])
    return parts


def _moved(scene: Scene, watched: Watched, part: Part | None, by: Decimal | int, at: int) -> Moved:
    holder, (meter, moments, trends) = scene.holder(part), watched
    if not meter.is_plain:
        before = holder.counted.get(meter.key)
        after, reading = counted_by(meter, before, by, at, scene.when) or (None, None)
        return Moved(meter, moments, trends, holder, part, by, before, after, reading)
    stood, start = holder.meters.get(meter.key), None
    if meter.span == BILLING_PERIOD:
        period = scene.account.period()
        if period is None or not period.holds(at):
            return Moved(meter, moments, trends, holder, part, by, None, None, None)
        start = period.starts
    value, by = stood.value if stood is not None and stood.period == start else ZERO, Decimal(by)
    if meter.kind != "count" and meter.prop != QUANTITY:
        value = plus(value, THOUSANDTHS)
    came_to = greatest(value, by) if meter.kind == "max" else must_count(plus(value, by))
    after_all, reads = Standing.at(came_to, start), Reading(trimmed(came_to), at, start)
    return Moved(meter, moments, trends, holder, part, by, stood, after_all, reads)
