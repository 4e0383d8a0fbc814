"""Read the steps of a scenario: what happens, what is told, how time passes, what people answer."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from schemas.responses import ResponseKind
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reading import EVENT_NAME, Problems
from services.trigger_engine.domain.playbook.scenario import NTH, Happens, Responds, Step, Waits, When
from services.trigger_engine.domain.playbook.scenario_expects import EXPECTED, read_expected
from services.trigger_engine.domain.playbook.scenario_facts import (
    DAY_AND_TIME,
    FACTS,
    WHEN,
    FactReader,
    fact_shapes,
    read_day_and_time,
    read_value,
    read_when,
)
from services.trigger_engine.domain.playbook.shapes import (
    A_DURATION,
    A_NAME,
    AN_ID,
    NUMERIC,
    WHOLE,
    Shape,
    Shapes,
    any_of,
    described,
    keyed,
    matching,
)

BESIDE_EVENT: Final[Shapes] = {
    "user": described(any_of(AN_ID, matching(r".*\{n\}.*")), "Who it was; {n} is which of the times it is"),
    "quantity": described(NUMERIC, "How many it stands for; 1 when left out"),
    "times": described(WHOLE, "How often it happens; once when left out"),
    "every": described(A_DURATION, "How much time passes from one to the next; all happen at once when left out"),
    "late": described(A_DURATION, "How long before it arrives it happened"),
}
BESIDE_FACT: Final[Shapes] = {"at": described(WHEN, "Since when it is so; now when left out")}
WAIT: Final = "wait"
UNTIL: Final = "until"
FACT: Final = "fact"
EXPECT: Final = "expect"
WORDS: Final = (WAIT, UNTIL, FACT, EXPECT, *ResponseKind, *FACTS)
"""What a step can begin with, beside the events of the product."""
MAX_TIMES: Final = 10_000
"""As many as one step repeats an event: enough for any limit that people reach by hand."""
STEP: Final[Shape] = keyed(
    {
        WAIT: described(A_DURATION, "Time passes"),
        UNTIL: described(matching(DAY_AND_TIME.pattern), "Time passes until then, in UTC"),
        FACT: described({"type": "object"}, "Facts that the product document declares, each with its value"),
        EXPECT: described(EXPECTED, "What came since the last time something was expected"),
        **{response: described(A_NAME, "Somebody does this with the open offer") for response in ResponseKind},
        **fact_shapes(),
        **BESIDE_EVENT,
        **BESIDE_FACT,
    },
    patterns={f"^{EVENT_NAME.pattern}$": described({"type": "object"}, "An event, with its properties")},
)
ONE: Final = Decimal(1)


class StepReader:
    """Reads steps against the product document and the offers of the set."""

    def __init__(self, product: Product, offers: tuple[str, ...], problems: Problems) -> None:
        self._product = product
        self._offers = offers
        self._problems = problems
        self._facts = FactReader(product, problems)

    def read(self, item: Node) -> Iterable[Step]:
        """The steps that an item stands for: one, but for several facts in one go; none when it can not be read."""
        entries = self._problems.mapping(item, "a step")
        words = [key for key in entries if self._reads(key)]
        if len(words) != 1:
            if entries:
                self._not_a_step(item, entries)
            return ()
        return self._reader(words[0])(entries[words[0]], entries)

    def _reads(self, key: str) -> bool:
        return key in WORDS or key in self._product.events

    def _not_a_step(self, item: Node, entries: Mapping[str, Entry]) -> None:
        known = [*WORDS, *self._product.events]
        first = next(iter(entries.values()))
        if sum(self._reads(key) for key in entries) > 1:
            told = "a step says one thing: give each a line of its own"
            self._problems.add(item.place, "step", told, width=len(first.key))
            return
        self._problems.one_of(Node(first.key, first.place), "an event, a fact or another step", known, "step")

    def _reader(self, word: str) -> Callable[[Entry, Mapping[str, Entry]], Iterable[Step]]:
        if word in self._product.events:
            return self._happens
        if word in FACTS:
            return self._told
        if word in tuple(ResponseKind):
            return self._responds
        return {WAIT: self._waits, UNTIL: self._waits, FACT: self._declared, EXPECT: self._expects}[word]

    def _beside(self, entry: Entry, entries: Mapping[str, Entry], known: Iterable[str]) -> Mapping[str, Entry]:
        """What stands beside the word of the step."""
        root = Node(dict(entries), entry.place)
        return self._problems.keys(root, f"the step {entry.key!r}", [entry.key, *known])

    def _happens(self, entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Step]:
        beside = self._beside(entry, entries, BESIDE_EVENT)
        types = self._product.events[entry.key]
        written = self._problems.keys(entry.node, f"event {entry.key!r}", types)
        for name, kind in types.items():
            if not kind.endswith("?"):
                self._problems.required(written, name, entry.node, f"event {entry.key!r}")
        times = self._problems.whole(beside["times"].node, "times", least=1) if "times" in beside else 1
        if times is not None and times > MAX_TIMES:
            self._problems.add(beside["times"].node.place, "range", f"times must be {MAX_TIMES} or less")
        quantity = self._problems.decimal(beside["quantity"].node, "quantity") if "quantity" in beside else None
        late, every = (self._span(beside, key) for key in ("late", "every"))
        if "every" in beside and "times" not in beside:
            told = "'every' goes with times: it says how much time passes from one to the next"
            self._problems.add(beside["every"].place, "goes-with", told, width=len("every"))
        properties = {
            name: read_value(Kind(types[name].removesuffix("?")), written[name].node, name, self._problems)
            for name in written
            if name in types
        }
        many = ONE if quantity is None else quantity
        yield Happens(entry.place, entry.key, properties, self._users(beside), many, times or 1, late, every)

    def _span(self, beside: Mapping[str, Entry], key: str) -> int:
        return (self._problems.duration(beside[key].node, key) if key in beside else 0) or 0

    def _users(self, beside: Mapping[str, Entry]) -> str | None:
        """One user, or with `NTH` another each time."""
        written = beside["user"].node.value if "user" in beside else None
        if not isinstance(written, str):
            return self._user(beside)
        self._problems.id(Node(written.replace(NTH, "1"), beside["user"].node.place), "a user")
        return written

    def _user(self, beside: Mapping[str, Entry]) -> str | None:
        return self._problems.id(beside["user"].node, "a user") if "user" in beside else None

    def _told(self, entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Step]:
        yield self._facts.read(entry, self._at(entry, entries))

    def _declared(self, entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Step]:
        at = self._at(entry, entries)
        for fact in self._problems.mapping(entry.node, FACT).values():
            yield self._facts.read_declared(fact, at)

    def _at(self, entry: Entry, entries: Mapping[str, Entry]) -> When:
        beside = self._beside(entry, entries, BESIDE_FACT)
        when = read_when(beside["at"].node, self._problems) if "at" in beside else None
        return when or When()

    def _waits(self, entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Step]:
        self._beside(entry, entries, ())
        if entry.key == WAIT:
            us = self._problems.duration(entry.node, WAIT)
            yield Waits(entry.place, When(us or 0))
            return
        form = "until must be a day and a time in UTC such as '2026-03-02 09:00'"
        yield Waits(entry.place, When(at_us=read_day_and_time(entry.node, self._problems, form)))

    def _responds(self, entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Step]:
        beside = self._beside(entry, entries, ("user",))
        offer = self._problems.one_of(entry.node, "an offer", self._offers, "unknown-offer")
        yield Responds(entry.place, ResponseKind(entry.key), offer or "", self._user(beside))

    def _expects(self, entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Step]:
        self._beside(entry, entries, ())
        yield read_expected(entry.node, self._offers, self._problems)
