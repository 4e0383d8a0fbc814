"""Recorded schedules: what owners, others and readers do, step by step. Playing one gives what they saw."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from services.kit.kafka.admin import MAX_MESSAGE_BYTES
from services.trigger_engine.ports import Away, Batch, Doubt, Fenced, TooLarge
from tests.simulation.places import settle

if TYPE_CHECKING:
    from services.trigger_engine.ports import Transactions
    from tests.simulation.places import Place

Step = tuple[str, ...]
READ_MS: Final = 50

SCHEDULES: Final[dict[str, tuple[Step, ...]]] = {
    "markers take offsets": (
        ("fence", "a"),
        ("bounds",),
        ("commit", "a", "1"),
        ("bounds",),
        ("commit", "a", "2", "3"),
        ("commit", "a", "4"),
        ("bounds",),
        ("read",),
    ),
    "a new owner shuts out the former one": (
        ("fence", "a"),
        ("commit", "a", "1"),
        ("fence", "b"),
        ("commit", "b", "2"),
        ("commit", "a", "never"),
        ("bounds",),
        ("read",),
        ("commit", "b", "3"),
        ("commit", "a", "never again"),
        ("read",),
    ),
    "a former owner that comes back shuts out the new one": (
        ("fence", "a"),
        ("fence", "b"),
        ("fence", "a"),
        ("commit", "b", "never"),
        ("commit", "a", "1"),
        ("read",),
    ),
    "what an owner left open is undone by the next": (
        ("open", "engine", "never"),
        ("bounds",),
        ("read",),
        ("fence", "a"),
        ("bounds",),
        ("read",),
        ("commit", "a", "1"),
        ("bounds",),
        ("read",),
    ),
    "a zombie's open transaction can not be ended any more": (
        ("open", "engine", "never"),
        ("fence", "a"),
        ("commit", "a", "1"),
        ("late end", "engine"),
        ("commit", "a", "2"),
        ("bounds",),
        ("read",),
    ),
    "a foreign transaction holds up what can be read": (
        ("fence", "a"),
        ("commit", "a", "1"),
        ("open", "foreign", "never"),
        ("commit", "a", "2"),
        ("bounds",),
        ("read",),
        ("abort", "foreign"),
        ("bounds",),
        ("read",),
    ),
    "a foreign transaction that commits is read in the order of the log": (
        ("fence", "a"),
        ("open", "foreign", "1", "2"),
        ("commit", "a", "3"),
        ("read",),
        ("end", "foreign"),
        ("read",),
        ("bounds",),
    ),
    "two foreign transactions: the older one counts": (
        ("open", "first", "1"),
        ("open", "second", "2"),
        ("end", "second"),
        ("bounds",),
        ("read",),
        ("end", "first"),
        ("bounds",),
        ("read",),
    ),
    "a log may end in what was aborted": (
        ("fence", "a"),
        ("commit", "a", "1"),
        ("open", "foreign", "never"),
        ("abort", "foreign"),
        ("bounds",),
        ("read",),
    ),
    "a record too large is refused, and its owner is of use again after a fence": (
        ("fence", "a"),
        ("commit", "a", "1"),
        ("commit", "a", "HUGE"),
        ("fence", "a"),
        ("commit", "a", "3"),
        ("read",),
    ),
    "nothing is committed without a fence": (("commit", "a", "never"), ("fence", "a"), ("commit", "a", "1"), ("read",)),
    "what is trimmed can not be read any more": (
        ("fence", "a"),
        ("commit", "a", "1", "2", "3"),
        ("trim", "a", "2"),
        ("bounds",),
        ("read",),
        ("read from", "1"),
    ),
    "reading on passes over what was aborted": (
        ("fence", "a"),
        ("commit", "a", "1"),
        ("open", "foreign", "never", "never"),
        ("abort", "foreign"),
        ("commit", "a", "2"),
        ("read from", "1"),
        ("read from", "3"),
        ("read from", "5"),
    ),
}


class Player:
    """Plays a schedule in one place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._owners: dict[str, Transactions] = {}

    async def play(self, steps: tuple[Step, ...]) -> list[tuple[str, object]]:
        """What was seen, step by step."""
        seen: list[tuple[str, object]] = []
        for kind, *words in steps:
            await settle(self._place)
            seen.append((kind, await self._step(kind, words)))
        return seen

    async def _step(self, kind: str, words: list[str]) -> object:
        if kind in ("fence", "commit", "trim"):
            return await self._own(kind, words[0], words[1:])
        if kind in ("bounds", "read", "read from"):
            return await self._look(kind, words)
        return await self._other(kind, words[0], words[1:])

    async def _own(self, kind: str, name: str, words: list[str]) -> object:
        if name not in self._owners:
            self._owners[name] = self._place.owner()
        owner, topic = self._owners[name], self._place.state.topic
        try:
            if kind == "fence":
                await owner.fence()
                return None
            if kind == "trim":
                await owner.trim(topic, int(words[0]))
                return None
            batch = Batch()
            for word in words:
                batch.add(b"k", _value(word))
            written = await owner.commit({topic: batch})
            return written[topic]
        except (Doubt, Fenced, TooLarge) as no:
            return type(no).__name__

    async def _other(self, kind: str, name: str, words: list[str]) -> object:
        if kind == "open":
            await self._place.open(name, [_value(word) for word in words])
            return None
        try:
            await self._place.end(name, commit=kind != "abort")
        except Exception:
            if kind != "late end":
                raise
            return "refused"
        return None

    async def _look(self, kind: str, words: list[str]) -> object:
        where = self._place.state
        async with self._place.logs()("restore-0") as reader:
            bounds = await reader.bounds(where)
            if kind == "bounds":
                return tuple(bounds)
            begin = int(words[0]) if words else bounds.first
            found: list[tuple[int, str]] = []
            reader.assign({where: begin})
            try:
                while (reader.position(where) or 0) < bounds.committed or not reader.at_end(where):
                    records = (await reader.read(READ_MS)).get(where, [])
                    found.extend((record.offset, (record.value or b"").decode()) for record in records)
            except Away:
                return "out of range"
            return found, reader.position(where)


def _value(word: str) -> bytes:
    # not to be compressed, since a broker measures what arrives
    return Random(word).randbytes(MAX_MESSAGE_BYTES + 1_000) if word == "HUGE" else word.encode()
