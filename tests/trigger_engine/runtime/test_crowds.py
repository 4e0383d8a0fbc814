"""Many events of few accounts leave everything as each by itself would have."""

from __future__ import annotations

import gc
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from services.kit.kafka.partitioning import partition_of
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.quiet import Lane
from services.trigger_engine.runtime.counting import Counting
from services.trigger_engine.runtime.crowds import Column, Crowd
from tests.trigger_engine.domain.building import PRODUCT, rules
from tests.trigger_engine.runtime.test_counting import Crowded, Pair, Scattered, event, pair
from tests.trigger_engine.runtime.test_intake import NOON, PARTITION, PARTITIONS

if TYPE_CHECKING:
    from services.trigger_engine.domain.inputs import Usages

ACCOUNTS = [name for name in (f"account-{n}" for n in range(60)) if partition_of(name, PARTITIONS) == PARTITION][:5]
METERS = PRODUCT.replace(
    "meters:",
    "meters:\n  largest: {max: size_gb, of: file.stored}\n  drawn: {sum: quantity, of: report.exported}",
    1,
)
RULES = rules(
    [
        "full: {limit: storage_gb, at: [50%, 80%, 100%]}",
        "reports: {milestone: exports, reaches: 12}",
        "big: {milestone: largest, reaches: 4}",
        "many: {milestone: projects, reaches: 3}",
        "begun: {onboarding: [member.invited, file.shared], within: 10m}",
    ],
    [
        "a: {on: [full], upgrade_to: next on work}",
        "b: {on: [reports, big, many, begun], add: photos, placements: [modal]}",
    ],
    product=METERS,
)

WRITTEN = ["=1e3", "=1.5e1", "=2.0", "=0.50", "=3.00", "=-1e0", "=0e2"]
"""Numbers as an emitter may write them, too; behind the sign stands what is sent."""

amounts: Any = st.sampled_from(
    [0.125, 0.1, 1, 0, 2.5, 0.001, 3, -0.5, 20, "much", None, True, 10**17, 9 * 10**17, *WRITTEN]
)
moves = st.tuples(
    st.sampled_from(ACCOUNTS),
    st.sampled_from(["file.stored"] * 4 + ["report.exported", "project.created", "project.deleted", "no.such"]),
    amounts,
    st.sampled_from([1] * 8 + [2, 0.5, -1]),
)


class Watched(Crowded):
    """Notes how many events went the quick way."""

    moved = 0

    @override
    def tell(self, usages: Usages, first: int, stop: int, copies: set[int]) -> None:
        self.moved += stop - first
        super().tell(usages, first, stop, copies)


def data_of(size: Any, quantity: Any) -> dict[str, Any]:
    return {"quantity": quantity, "properties": {"size_gb": size, "format": "pdf"}}


def values(told: list[Any], first: int) -> list[bytes]:
    return [
        re.sub(
            rb'"=([^"]+)"',
            rb"\1",
            event(kind, NOON + number, f"e-{number}", subject=account, data=data_of(size, quantity)),
        )
        for number, (account, kind, size, quantity) in enumerate(told, first)
    ]


def play(both: Pair, told: list[Any], together: int) -> None:
    for first in range(0, len(told), together):
        some = told[first : first + together]
        both.take(NOON, values(some, first), [account for account, *_ in some])
        both.same()
        both.commit()


@given(st.lists(moves, max_size=120), st.integers(1, 60), st.sampled_from([Counting, Crowded, Scattered]))
@settings(max_examples=150, deadline=None)
def test_any_mix_of_events_comes_out_the_same(told: list[Any], together: int, by: type[Counting]) -> None:
    play(pair(Core(RULES), by=by), told, together)


quiet = st.tuples(
    st.sampled_from(ACCOUNTS), st.sampled_from(["file.stored"] * 3 + ["report.exported"]), st.just(0.01), st.just(1)
)
odd = st.sampled_from(
    [
        ("file.stored", 6),
        ("file.stored", "much"),
        ("file.stored", None),
        ("report.exported", 1),
        ("project.created", 1),
        ("member.invited", 1),
        ("file.shared", 1),
    ]
)


@given(
    st.lists(quiet, min_size=30, max_size=90),
    st.lists(st.tuples(st.integers(0, 89), st.sampled_from(ACCOUNTS), odd, st.booleans()), max_size=5),
    st.sampled_from([1, 30 * 1_000_000]),
    st.integers(10, 60),
)
@settings(max_examples=200, deadline=None)
def test_a_few_odd_events_among_many_quiet_ones_change_nothing_for_those(
    told: list[Any], odds: list[Any], apart: int, together: int
) -> None:
    both, ids = pair(Core(RULES), by=Crowded), [f"e-{number}" for number in range(len(told))]
    for place, account, (kind, size), is_copy in odds:
        at = place % len(told)
        told[at] = (account, kind, size, 1)
        ids[at] = ids[at // 2] if is_copy else ids[at]
    happened = [
        event(kind, NOON + number * apart, ids[number], subject=account, data=data_of(size, quantity))
        for number, (account, kind, size, quantity) in enumerate(told)
    ]
    for first in range(0, len(told), together):
        accounts = [account for account, *_ in told[first : first + together]]
        both.take(NOON + 3_600 * 1_000_000, happened[first : first + together], accounts)
        both.same()
        both.commit()


small = st.tuples(st.sampled_from(ACCOUNTS), st.just("file.stored"), st.sampled_from([0.25, 1, 0.125]), st.just(1))


@given(st.lists(small, min_size=300, max_size=400))
@settings(max_examples=20, deadline=None)
def test_steady_usage_is_moved_by_lane(told: list[Any]) -> None:
    both = pair(Core(RULES), by=Watched)
    play(both, told, 50)
    counting = both.quick.intake._counting
    assert isinstance(counting, Watched)
    assert counting.moved > len(told) / 2


def test_an_account_that_is_heard_of_after_something_odd_is_written_after_it() -> None:
    both = pair(Core(RULES), by=Crowded)
    play(both, [(account, "file.stored", 0.125, 1) for account in ACCOUNTS[:3] for _ in range(3)], 9)
    sizes = zip(ACCOUNTS[:3], [0.125, "odd", 0.125], strict=True)
    play(both, [(account, "file.stored", size, 1) for account, size in sizes], 3)


def test_a_meter_below_its_band_is_asked_about() -> None:
    both = pair(Core(RULES), by=Crowded)
    told = [(ACCOUNTS[0], "file.stored", 0.125, 1)] * 4
    play(both, told, 4)
    opened = both.quick.slices.opened[ACCOUNTS[0]]
    lane = opened.lanes["file.stored"]
    assert isinstance(lane, Lane)
    steps = [step._replace(low=opened.numbers[step.place] + 1) for step in lane.steps]
    opened.lanes = {"file.stored": Lane(tuple(steps), None, None)}
    both.take(NOON, values(told, 4), [ACCOUNTS[0]] * 4)
    assert opened.lanes.get("file.stored") is lane, "the long way has drawn it anew"


def test_what_a_crowd_knew_is_freed_without_a_search_for_it() -> None:
    both, sizes = pair(Core(RULES), by=Crowded), [0.125] * 6 + [0.125, -0.0625, 0.125]
    gc.collect()
    gc.disable()
    try:
        play(both, [(ACCOUNTS[0], "file.stored", size, 1) for size in sizes], 3)
        assert not any(isinstance(known, Crowd) for known in gc.get_objects())
    finally:
        gc.enable()


PLACES = [0, 2, 3]


@pytest.mark.parametrize(
    ("column", "added"),
    [
        ([1, 1, 1, 1], 4),
        ([1, 9, 2, 3], 7),
        ([0, 0, 0, 0], 1),
        ([1, None, 2, 3], 7),
        ([1, None, None, 3], None),
        ([1, -1, 2, 3], None),
        ([None, None, None, None], None),
    ],
)
def test_a_column_adds_what_can_only_rise_and_says_nothing_else(column: list[Any], added: int | None) -> None:
    assert Column(column).added(1, PLACES) == added
