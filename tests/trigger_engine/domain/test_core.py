"""What holds of the core as a whole, whatever happens."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import decode_decision, decode_offer, decode_outcome, encode
from schemas.decisions import Decided
from schemas.envelope import Envelope
from schemas.facts import AccountCreated, PlanChanged
from schemas.offers import OfferChanged, OfferMade
from schemas.outcomes import FactAccepted, OfferJudged
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.core import Due
from services.trigger_engine.domain.inputs import Clocks, Impossible, Origin
from services.trigger_engine.domain.packing import ENCODER
from tests.trigger_engine.domain.building import ACME, FULL, MORE, T0, Bench, D, H, decision, fact, rules, wire
from tests.trigger_engine.domain.stories import Happening, everything, happen, play, stories

SIXTY_FOUR_KIB = 64 * 1024


def test_an_event_that_feeds_nothing_costs_a_look_up() -> None:
    core = Bench(rules([FULL], [MORE])).core
    assert core.feeds("file.stored")
    assert core.feeds("report.exported")
    assert not core.feeds("member.invited")
    assert not core.feeds("unheard.of")
    assert not core.sets_timers("file.stored")


def test_an_event_that_nobody_knows_touches_no_account() -> None:
    bench = Bench(rules([FULL], [MORE]))
    assert bench.use("unheard.of") == []
    assert bench.accounts == {}


def test_an_event_of_a_user_touches_the_user_only_when_something_is_kept_by_user() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.use("report.exported", user="ann")
    assert bench.users == {}


@given(stories)
@settings(max_examples=35)
def test_the_same_inputs_give_the_same_bytes(story: list[Happening]) -> None:
    first, second = Bench(everything()), Bench(everything())
    told = [wire(events) for events in play(first, story)]
    assert [wire(events) for events in play(second, story)] == told
    assert second.state() == first.state()


@given(stories)
@settings(max_examples=35)
def test_all_that_is_told_is_the_wire_and_has_an_id_of_its_own(story: list[Happening]) -> None:
    bench = Bench(everything())
    play(bench, story)
    ids = [event.id for event in bench.told]
    assert len(set(ids)) == len(ids)
    for event in bench.told:
        assert _read_back(event) == event


def _read_back(event: Envelope) -> Envelope:
    value, headers = encode(event)
    raw = list(headers)
    if isinstance(event, Decided):
        return decode_decision(value, raw)
    return decode_outcome(value, raw) if isinstance(event, OfferJudged | FactAccepted) else decode_offer(value, raw)


@given(stories)
@settings(max_examples=35)
def test_every_offer_is_told_from_one_on_without_a_gap(story: list[Happening]) -> None:
    bench = Bench(everything())
    play(bench, story)
    last: dict[str, int] = {}
    for event in bench.told:
        if isinstance(event, OfferJudged):
            assert event.data.sequence == last.get(event.data.offer_id, 0) + 1
            last[event.data.offer_id] = event.data.sequence
    made = [event.data.offer.offer_id for event in bench.told if isinstance(event, OfferMade)]
    assert len(set(made)) == len(made)
    assert set(made) == set(last)


@given(stories)
@settings(max_examples=35)
def test_what_holds_at_any_moment(story: list[Happening]) -> None:
    """S58, S60: one open offer a placement, never more than the caps, and none without evidence."""
    bench = Bench(everything())
    for one in story:
        events = happen(bench, one)
        places = [place for offer in bench.account(ACME).open_offers() for place in offer.placements]
        assert len(places) == len(set(places))
        for event in events:
            if isinstance(event, OfferMade | OfferChanged):
                assert event.data.offer.evidence
                assert event.data.offer.content.title
        lately = [made for made in bench.account(ACME).made if made.at > bench.now - 2 * D]
        assert len(lately) <= 3
        decisions = [event for event in events if isinstance(event, Decided)]
        assert len([event for event in events if isinstance(event, OfferMade)]) <= len(decisions)


@given(stories, st.integers(0, 29))
@settings(max_examples=35)
def test_facts_and_responses_that_come_again_change_nothing(story: list[Happening], prefix: int) -> None:
    bench = Bench(everything())
    names = {place: f"f-{place}" for place in range(len(story))}
    times = []
    for place, one in enumerate(story):
        happen(bench, one, names[place])
        times.append(bench.now - one.late)
    before = bench.state()
    for place, one in enumerate(story[:prefix]):
        if "." not in one.what and one.what != "respond":
            again = replace(one, after=0, late=bench.now - times[place])
            assert happen(bench, again, names[place]) == []
    assert bench.state() == before


@given(stories, stories, st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_any_interleaving_of_two_accounts_gives_each_the_same(
    one: list[Happening], other: list[Happening], chance: object
) -> None:
    def standing(story: list[Happening], account: str) -> list[Happening]:
        return [replace(part, account=account, after=0) for part in story]

    mine, theirs = standing(one, ACME), standing(other, "globex")
    mixed = [*mine, *theirs]
    order = [0] * len(mine) + [1] * len(theirs)
    chance.shuffle(order)  # type: ignore[attr-defined]  # a random.Random
    queues = [iter(mine), iter(theirs)]
    together, alone = Bench(everything()), {ACME: Bench(everything()), "globex": Bench(everything())}
    for turn in order:
        happen(together, next(queues[turn]))
    for part in mixed:
        happen(alone[part.account], part)
    for account, bench in alone.items():
        assert _telling([event for event in together.told if event.subject == account]) == _telling(bench.told)
        assert together.account(account).meters == bench.account(account).meters
        assert together.account(account).closed == bench.account(account).closed


def _telling(events: list[Envelope]) -> list[tuple[str, object]]:
    """Events without the offsets of what they came from, which the bench numbers across accounts."""
    return [
        (event.type, event.data.model_copy(update={"input": None}) if isinstance(event, Decided) else event.data)  # type: ignore[attr-defined]  # every family has data
        for event in events
        if not isinstance(event, FactAccepted)
    ]


@given(stories)
@settings(max_examples=35)
def test_slices_survive_their_bytes_at_every_step(story: list[Happening]) -> None:
    kept, stored = Bench(everything()), Bench(everything())
    for one in story:
        events = happen(kept, one)
        stored.accounts = {
            name: msgspec.msgpack.decode(ENCODER.encode(state), type=AccountSlice)
            for name, state in stored.accounts.items()
        }
        stored.users = {
            name: msgspec.msgpack.decode(ENCODER.encode(state), type=UserSlice) for name, state in stored.users.items()
        }
        assert wire(happen(stored, one)) == wire(events)
    assert stored.state() == kept.state()


@given(stories, st.integers(0, 40))
@settings(max_examples=35)
def test_once_time_has_reached_a_point_nothing_is_due_before_it(story: list[Happening], hours: int) -> None:
    bench = Bench(everything())
    play(bench, story)
    reached = bench.now + hours * H
    for name, part, state in bench.slices():
        before = ENCODER.encode(state)
        due = bench.core.due(bench.account(name), state)
        events = bench.core.on_timer(bench, Due(name, part, reached), Origin("timer", 0), Clocks(reached, 0))
        if due is None or due > reached:
            assert (events, ENCODER.encode(state)) == ([], before)
        else:
            assert ENCODER.encode(state) != before
        left = bench.core.due(bench.account(name), state)
        assert left is None or left > reached


@given(stories)
@settings(max_examples=35)
def test_what_is_impossible_leaves_no_trace(story: list[Happening]) -> None:
    bench = Bench(everything())
    play(bench, story)
    bench.account(ACME)
    before = bench.state()
    for broken in ("much", None, True):
        with pytest.raises(Impossible):
            bench.use("file.stored", size_gb=broken)
    with pytest.raises(Impossible):
        bench.respond("nothing", "dismissed")
    assert bench.state() == before


def test_an_event_id_that_differs_gives_the_same_offer() -> None:
    """An offer is known by its moment, not by which event happened to complete it."""
    one, other = Bench(rules([FULL], [MORE])), Bench(rules([FULL], [MORE]))
    other.store(0)
    assert decision(one.store(9)).offer_id == decision(other.store(9)).offer_id


def test_facts_are_taken_in_before_anything_else_is_known() -> None:
    bench = Bench(rules([FULL], [MORE]))
    events = bench.core.on_fact(bench, fact(AccountCreated, plan="plus"), Origin("usage", 0, 0), bench.clocks)
    assert [type(event) for event in events] == [FactAccepted]
    assert bench.account(ACME).plan(bench.core.rules.product) == "plus"
    bench.tell(PlanChanged, plan="team", at=T0 + 1)
    assert bench.account(ACME).plan(bench.core.rules.product) == "team"
