"""Read a document of scenarios against the product document and the playbook that it tests."""

from collections.abc import Iterable, Mapping
from typing import Final

from schemas.facts import AccountCreated, MeterSet, ProductBought
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.problems import Place
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario import Scalar, Scenario, Scenarios, Told, When
from services.trigger_engine.domain.playbook.scenario_facts import (
    DAY_AND_TIME,
    WHEN,
    FactReader,
    read_day_and_time,
    read_when,
)
from services.trigger_engine.domain.playbook.scenario_steps import EXPECT, STEP, StepReader
from services.trigger_engine.domain.playbook.shapes import (
    A_NAME,
    AN_ID,
    NUMERIC,
    TEXT,
    WHOLE,
    Shape,
    Shapes,
    described,
    keyed,
    list_of,
    mapping_of,
    matching,
)
from services.trigger_engine.domain.playbook.written import width

DEFAULT_START: Final = 1_772_442_000_000_000
"""Monday, 2 March 2026, 09:00 UTC."""

ACCOUNT_ID: Final = "account"
"""The id of the account unless a scenario says otherwise."""

ACCOUNT_KEYS: Final[Shapes] = {
    "id": described(AN_ID, "Its id, by which a sticky hash knows it; account when left out"),
    "created": described(WHEN, "Since when it exists; 60d ago when left out"),
    "plan": described(AN_ID, "The plan it is on"),
    "term": described(AN_ID, "The term it pays for"),
    "seats": described(WHOLE, "Seats it pays for"),
    "locale": described(AN_ID, "Its language"),
    "zone": described(TEXT, "Its time zone"),
    "products": described(list_of(AN_ID), "What it owns beside the plan"),
    "meters": described(mapping_of(NUMERIC), "What its meters stand at"),
}
ACCOUNT: Final[Shape] = {"type": "object", "properties": ACCOUNT_KEYS, "propertyNames": A_NAME}
"""Facts that the product document declares may stand in it, too."""
SCENARIO_KEYS: Final[Shapes] = {
    "about": described(TEXT, "What it shows, in words"),
    "start": described(matching(DAY_AND_TIME.pattern), "When it starts, in UTC"),
    "account": described(ACCOUNT, "What is true of the account at the start"),
    "steps": described(list_of(STEP, least=1), "What happens, one after the other, and what is expected"),
}
KEYS: Final[Shapes] = {
    "scenarios": described(AN_ID, "The playbook that is tested"),
    "about": described(TEXT, "What they are about, in words"),
    "start": described(matching(DAY_AND_TIME.pattern), "When every scenario starts, in UTC"),
    "account": described(ACCOUNT, "What is true of every account at the start"),
    "tests": described(mapping_of(keyed(SCENARIO_KEYS, ["steps"])), "The scenarios by name"),
}
REQUIRED: Final = ("scenarios", "tests")
CREATED: Final = When(-60 * 86_400 * 1_000_000)
"""An account is 60 days old unless a scenario says otherwise."""


def read_scenarios(root: Node, product: Product, offers: Iterable[str], problems: Problems) -> Scenarios:
    """The scenarios at ``root``; ``offers`` are those of the set.

    With anything in ``problems`` the value is not to be used.
    """
    return _Reader(product, tuple(offers), problems).read(root)


class _Reader:
    def __init__(self, product: Product, offers: tuple[str, ...], problems: Problems) -> None:
        self._product = product
        self._problems = problems
        self._facts = FactReader(product, problems)
        self._steps = StepReader(product, offers, problems)

    def read(self, root: Node) -> Scenarios:
        keys = self._problems.keys(root, "a document of scenarios", KEYS)
        of = self._problems.required(keys, "scenarios", root, "a document of scenarios")
        tests = self._problems.required(keys, "tests", root, "a document of scenarios")
        start = self._start(keys, DEFAULT_START)
        scenarios = {}
        for entry in self._problems.mapping(tests, "tests").values() if tests else ():
            scenarios[entry.key] = self._scenario(entry, start, keys.get("account"))
        if tests and tests.value == {}:
            self._problems.add(tests.place, "missing", "at least one scenario is needed, or nothing is tested")
        return Scenarios(
            playbook=self._problems.id(of, "the playbook's name") if of else "",
            about=self._about(keys),
            scenarios=scenarios,
        )

    def _scenario(self, entry: Entry, start_us: int, account: Entry | None) -> Scenario:
        what = f"scenario {self._problems.name(entry, 'a scenario')!r}"
        keys = self._problems.keys(entry.node, what, SCENARIO_KEYS)
        listed = self._problems.required(keys, "steps", entry.node, what)
        items = self._problems.items(listed, "steps") if listed else ()
        steps = tuple(step for item in items for step in self._steps.read(item))
        if listed and not any(EXPECT in (entry.key for entry in item.entries()) for item in items):
            told = f"{what} expects nothing, so it could not fail: end it with 'expect'"
            self._problems.add(entry.place, "no-expectation", told, width=len(entry.key))
        said = self._said(account, keys.get("account"))
        return Scenario(
            name=entry.key,
            about=self._about(keys),
            account=self._problems.id(said["id"].node, "an account's id") if "id" in said else ACCOUNT_ID,
            start_us=self._start(keys, start_us),
            given=self._given(said, (keys.get("account") or account or entry).place),
            steps=steps,
        )

    def _about(self, keys: Mapping[str, Entry]) -> str | None:
        return self._problems.text(keys["about"].node, "about") if "about" in keys else None

    def _start(self, keys: Mapping[str, Entry], default: int) -> int:
        if "start" not in keys:
            return default
        form = "a start must be a day and a time in UTC such as '2026-03-02 09:00'"
        start = read_day_and_time(keys["start"].node, self._problems, form)
        return default if start is None else start

    # --- what is given --------------------------------------------------------------------------

    def _said(self, common: Entry | None, own: Entry | None) -> dict[str, Entry]:
        """What is said of the account: by all scenarios, under what this one says."""
        said: dict[str, Entry] = {}
        for section in (common, own):
            if section is not None:
                said |= self._problems.keys(section.node, "account", [*ACCOUNT_KEYS, *self._product.facts])
        return said

    def _given(self, said: Mapping[str, Entry], place: Place) -> tuple[Told, ...]:
        """The account as it is at the start."""
        created = self._created(said)
        profile: dict[str, Scalar | When | Mapping[str, Scalar]] = {}
        attributes: dict[str, Scalar] = {}
        for entry in said.values():
            if entry.key in self._product.facts:
                fact = self._facts.declared(entry)
                attributes[entry.key] = fact["value"]
            elif entry.key in ("plan", "term", "seats", "locale", "zone"):
                profile[entry.key] = self._facts.field(entry)
        if attributes:
            profile["attributes"] = attributes
        account = Told(place, AccountCreated.model_fields["type"].default, profile, created)
        return (account, *self._owned(said, created), *self._stands(said))

    def _created(self, said: Mapping[str, Entry]) -> When:
        if "created" not in said:
            return CREATED
        node = said["created"].node
        when = read_when(node, self._problems)
        if when is not None and when.at_us is None and when.after_us > 0:
            told = "an account is created before its scenario begins: '60d ago', or now"
            self._problems.add(node.place, "created", told, width=width(node))
        return when or CREATED

    def _owned(self, said: Mapping[str, Entry], since: When) -> Iterable[Told]:
        kind = ProductBought.model_fields["type"].default
        for item in self._problems.items(said["products"].node, "products") if "products" in said else ():
            name = self._problems.one_of(item, "a product", self._product.products, "unknown-product")
            yield Told(item.place, kind, {"product": name}, since)

    def _stands(self, said: Mapping[str, Entry]) -> Iterable[Told]:
        kind = MeterSet.model_fields["type"].default
        for entry in self._problems.mapping(said["meters"].node, "meters").values() if "meters" in said else ():
            named = Node(entry.key, entry.place)
            meter = self._problems.one_of(named, "a meter", self._product.meters, "unknown-meter")
            value = self._problems.decimal(entry.node, "a value")
            yield Told(entry.place, kind, {"meter": meter, "value": value, "as_of": When()})
