"""One named thing of a playbook as it was written, with what it may refer to: what each of its readers is handed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.problems import did_you_mean, meant_or_known
from services.trigger_engine.domain.playbook.product import MeterDefinition, Product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.segments_reader import Segments


def behind(node: Node, skipped: str) -> Node:
    """The rest of a word that begins with ``skipped``, at the place where that rest stands."""
    rest = node.value.removeprefix(skipped) if isinstance(node.value, str) else node.value
    return Node(rest, replace(node.place, column=node.place.column + len(skipped)))


def width(node: Node) -> int:
    """How much of the line to underline: a word in one line, else where it begins."""
    return len(node.value) if isinstance(node.value, str) and "\n" not in node.value else 1


def misspelt(keys: Iterable[str], words: Iterable[str]) -> bool:
    """Whether one of ``keys`` is likely meant to be one of ``words``, none of which is there: that was told already."""
    known = [str(word) for word in words]
    written = list(keys)
    return not set(written) & set(known) and any(did_you_mean(key, known) for key in written)


@dataclass(frozen=True, slots=True)
class Declared:
    """The names that a playbook gives to moments and offers, also of those that could not be read; and its segments."""

    moments: Sequence[str]
    offers: Sequence[str]
    segments: Segments


@dataclass(frozen=True, slots=True)
class Written:
    """A moment or an offer as written. ``what`` names it in messages, ``keys`` are its entries."""

    what: str
    entry: Entry
    keys: Mapping[str, Entry]
    product: Product
    declared: Declared
    problems: Problems

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.key

    def node(self, key: str) -> Node | None:
        """What stands under ``key``, if anything."""
        return self.keys[key].node if key in self.keys else None

    def required(self, key: str) -> Node | None:
        """What stands under ``key``; None, and a problem, when nothing does."""
        return self.problems.required(self.keys, key, self.entry.node, self.what)

    def add(self, key: str, rule: str, message: str) -> None:
        """Note a problem with the entry ``key``, or with the whole when there is none of it."""
        at = self.keys.get(key, self.entry)
        self.problems.add(at.place, rule, message, width=len(at.key))

    # --- what several kinds read ----------------------------------------------------------------

    def event(self, node: Node | None) -> str | None:
        """The type of a usage event."""
        return self.problems.one_of(node, "an event", self.product.events, "unknown-event") if node else None

    def events(self, key: str) -> tuple[str, ...] | None:
        """Types of usage events, each once; None, and a problem, when one can not be read or there is none."""
        written = self.keys[key]
        items = self.problems.items(written.node, key)
        events = tuple(word for item in items if (word := self.event(item)))
        if written.node.value == () or len(set(events)) != len(events):
            self.add(key, "steps", f"{key} needs events, each given once")
            return None
        return events if events and len(events) == len(items) else None

    def duration(self, key: str, default_us: int | None = None) -> int | None:
        """A length of time in microseconds, or the default when ``key`` is not there."""
        node = self.node(key)
        return default_us if node is None else self.problems.duration(node, key)

    def required_duration(self, key: str) -> int | None:
        """A length of time in microseconds that can not be left out."""
        node = self.required(key)
        return None if node is None else self.problems.duration(node, key)

    def meter(self, node: Node | None) -> MeterDefinition | None:
        """A meter; None, and a problem, when there is no such."""
        word = self.problems.text(node, "a meter") if node else ""
        if not word or node is None:
            return None
        if word in self.product.meters:
            return self.product.meters[word]
        hint = meant_or_known(word, self.product.meters)
        message = f"{self.what} watches {word!r}, which is not a meter"
        self.problems.add(node.place, "unknown-meter", message, hint, width=len(word))
        return None

    def limited(self, node: Node | None) -> str | None:
        """The name of a meter that some plan has a limit of."""
        meter = self.meter(node)
        if meter is None or node is None:
            return None
        plans = self.product.plans.values()
        if not meter.of_account:
            told = f"plan limits apply to meters of accounts; {meter.name!r} is by {meter.by or 'user'}"
            self.problems.add(node.place, "limit-by-user", told, width=len(meter.name))
        elif plans and not any(meter.name in plan.limits for plan in plans):
            told = f"no plan has a limit of {meter.name!r}: say under 'limits' of a plan how much it allows"
            self.problems.add(node.place, "no-limit", told, width=len(meter.name))
        return meter.name
