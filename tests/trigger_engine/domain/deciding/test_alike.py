"""What is found out for one offer holds for others that are alike in it: judged by itself, each comes to the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.decisions import Candidate, Decided, Reason, Stage
from schemas.envelope import unchecked
from schemas.facts import AttributeSet, PlanChanged
from services.trigger_engine.domain.deciding.record import MANY
from services.trigger_engine.domain.playbook.alike import Alike
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import ACME, PRODUCT, Bench, D, decision, playbook
from tests.trigger_engine.domain.deciding.judging import FACTS, LEVELS

if TYPE_CHECKING:
    from services.trigger_engine.domain.playbook.sets import CompiledSet

CAPS = [
    "{at_most: 1, per: week, each: family}",
    "{at_most: 1, per: week, each: offer}",
    "{at_most: 1, per: 3d, each: placement}",
    "{at_most: 2, per: 5d, of: add}",
    "{at_most: 0, per: day, for: engagement.low}",
]
DOES = ["add: photos", "add: room", "upgrade_to: next on personal", "upgrade_to: team", "highlight: roles"]
PARTS = st.tuples(
    st.sampled_from(DOES),
    st.sampled_from(["", ", for: account.team > 1", ", for: account.health > 1.0", ", for: engagement.low"]),
    st.sampled_from(["", ", family: one", ", family: two"]),
    st.sampled_from(["", ", placements: [banner]", ", placements: [modal, banner]"]),
    st.sampled_from(["", ", boost: 1.5", ", propensity: 0.5"]),
    st.sampled_from(["", ", not_before: {account.age: 3d}", ", runs: {until: 2026-03-04}"]),
)
SETS = st.tuples(
    st.lists(PARTS, min_size=1, max_size=6),
    st.lists(PARTS, max_size=4),
    st.lists(st.sampled_from(CAPS), max_size=3, unique=True),
    st.sampled_from(["", "guardrails: {price_step: 2x}\n", "guardrails: {not_before: {account.age: 2d}}\n"]),
)
STORY = st.lists(
    st.sampled_from(["report", "report", "share", "wait", "dismissed", "accepted", "presented", "team", "plan"]),
    min_size=2,
    max_size=12,
)
REPORTS = (1, 2, 3, 4)


def written(name: str, parts: list[tuple[str, ...]], own: str = "") -> str:
    """A playbook whose every offer is put forward with each of the first reports."""
    moments = [f"{name}{count}: {{milestone: exports, reaches: {count}}}" for count in REPORTS]
    on = ", ".join(f"{name}{count}" for count in REPORTS)
    offers = [f"{name}_{place}: {{on: [{on}], {''.join(told)}}}" for place, told in enumerate(parts)]
    return playbook(moments, offers).replace("playbook: story", f"playbook: {name}") + f"\n{own}"


def made(parts: tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[str], str]) -> CompiledSet:
    """Two playbooks of such offers, the second with guardrails of its own."""
    first, second, caps, own = parts
    product = f"{PRODUCT}{FACTS}{LEVELS}" + (f"guardrails: {{caps: [{', '.join(caps)}]}}\n" if caps else "")
    texts = [product, written("a", first), *([written("b", second, own)] if second else [])]
    return compile_set([(f"{place}.yaml", text) for place, text in enumerate(texts)], 7)


def each_alone(rules: CompiledSet) -> CompiledSet:
    """The same set, in which no offer is like another."""
    return replace(rules, alike={name: Alike(*range(5 * n, 5 * n + 5)) for n, name in enumerate(rules.by_name)})


def play(bench: Bench, story: list[str]) -> None:
    """Let it happen, one after the other."""
    for step in story:
        if step == "report":
            bench.use("report.exported")
        elif step == "share":
            bench.use("file.shared")
        elif step == "wait":
            bench.wait(D)
        elif step == "team":
            bench.tell(AttributeSet, name="team", value=Decimal(len(bench.told)))
        elif step == "plan":
            bench.tell(PlanChanged, plan="plus", term="month")
        elif offers := bench.account(ACME).open_offers():
            bench.respond(offers[0].offer_id, step)


@given(SETS, STORY)
@settings(max_examples=80, deadline=None)
def test_offers_judged_each_by_itself_come_to_the_same(
    parts: tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[str], str], story: list[str]
) -> None:
    rules = made(parts)
    together, apart = Bench(rules), Bench(each_alone(rules))
    play(together, story)
    play(apart, story)
    assert [encode(event) for event in together.told] == [encode(event) for event in apart.told]
    assert together.state() == apart.state()


@given(SETS, STORY)
@settings(max_examples=30, deadline=None)
def test_what_is_told_unchecked_is_what_a_reader_would_take_it_for(
    parts: tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[str], str], story: list[str]
) -> None:
    bench = Bench(made(parts))
    play(bench, story)
    for event in bench.told:
        assert type(event).model_validate(event.model_dump()) == event


@pytest.mark.parametrize("count", [MANY - 1, MANY, 3 * MANY])
def test_however_many_offers_there_are_each_is_told_by_its_own_end(count: int) -> None:
    does = ["add: photos", "add: room, for: account.team > 1", "upgrade_to: team", "add: photos, boost: 1.5"]
    rules = made(([(does[place % 4],) for place in range(count)], [], ["{at_most: 1, per: week}"], ""))
    together, apart = Bench(rules), Bench(each_alone(rules))
    for _ in REPORTS:
        for bench in (together, apart):
            bench.use("report.exported")
    assert [encode(event) for event in together.told] == [encode(event) for event in apart.told]
    told = [event for event in together.told if isinstance(event, Decided)]
    assert [len(event.data.candidates) for event in told] == [count] * len(REPORTS)
    assert [encode(Decided.model_validate(event.model_dump())) for event in told] == [encode(event) for event in told]


@pytest.mark.parametrize(
    ("same", "offers"),
    [
        ({"meant", "about", "quiet", "bounds", "worth"}, ("add: photos", "add: photos")),
        ({"meant", "about", "quiet", "worth"}, ("add: photos, family: one", "add: photos, family: two")),
        (
            {"meant", "about", "quiet", "worth"},
            ("add: photos, placements: [banner]", "add: photos, placements: [modal]"),
        ),
        ({"meant", "about", "quiet", "bounds"}, ("add: photos", "add: photos, boost: 2")),
        ({"meant", "about", "quiet", "bounds"}, ("add: photos", "add: photos, propensity: 0.5")),
        ({"meant", "quiet"}, ("add: photos, family: one", "add: room, family: two")),
        ({"meant"}, ("add: photos", "highlight: roles")),
        ({"about", "quiet", "bounds", "worth"}, ("add: photos", "add: photos, for: account.team > 1")),
        ({"about", "quiet", "bounds", "worth"}, ("add: photos", "add: photos, runs: {until: 2026-03-04}")),
    ],
)
def test_offers_are_alike_in_what_they_have_in_common(same: set[str], offers: tuple[str, str]) -> None:
    one, other = made(
        ([(f"family: f, {told}" if "family" not in told else told,) for told in offers], [], [], "")
    ).alike.values()
    assert {name for name in Alike._fields if getattr(one, name) == getattr(other, name)} == same


def test_a_cap_for_each_offer_tells_all_apart() -> None:
    one, other = made(
        ([("add: photos",), ("add: photos",)], [], ["{at_most: 1, per: day, each: offer}"], "")
    ).alike.values()
    assert one.bounds != other.bounds
    assert one.worth == other.worth


def test_no_two_playbooks_are_alike() -> None:
    one, other = made(([("add: photos",)], [("add: photos",)], [], "")).alike.values()
    assert set(one).isdisjoint(other)


def test_an_unchecked_payload_can_be_copied_and_is_equal_to_a_checked_one() -> None:
    fields = {
        "offer": "a", "moment": "b", "target": None, "stage": Stage.ELIGIBLE, "reason": Reason.PAUSED, "detail": None,
        "until": None, "score": Decimal(1), "factors": {"boost": Decimal(1)},
    }  # fmt: skip
    made_of, checked = unchecked(Candidate, dict(fields)), Candidate(**fields)  # type: ignore[arg-type]  # fields by name
    assert made_of == checked
    assert made_of.model_fields_set == checked.model_fields_set
    assert made_of.model_copy(update={"detail": "x"}) == checked.model_copy(update={"detail": "x"})
    assert made_of.model_fields_set == checked.model_fields_set
    assert made_of.model_dump_json() == checked.model_dump_json()


@pytest.mark.parametrize("paused", ["a_0", "a_1"])
def test_an_offer_that_is_paused_stands_for_no_other_that_is_like_it(paused: str) -> None:
    rules = made(([("add: photos",), ("add: photos",)], [], [], "")).pausing(frozenset({paused}), 7)
    told = decision(Bench(rules).use("report.exported")).candidates
    assert {one.offer for one in told if one.reason is Reason.PAUSED} == {paused}
