"""The stories are true: the engine's core, fed with them, does what each of them waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatchmethod
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schemas.decisions import Decided, Reason, Verdict
from schemas.offers import MomentKind, OfferChanged, OfferMade
from schemas.responses import Responded, ResponseData, ResponseKind
from schemas.usage import UsageEvent
from services.demo import events, generator
from services.demo.acts import Act, Broken, Earns, Gone, Respond, Send, Story, Withheld
from services.demo.generator import Play, Size, Today, play
from services.kit.clock import to_datetime
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Clocks, Origin, Usage
from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.playbook.scenario import Expects
from services.trigger_engine.domain.playbook.sets import compile_set

if TYPE_CHECKING:
    from schemas.envelope import Envelope

NOW_US = 1_772_355_600_000_000  # 2026-03-01 09:00 UTC
TODAY = Today.at(NOW_US)
FILES = Path(__file__).parents[2] / "playbooks" / "files"
SIZE = Size()
PLAY = play(SIZE, TODAY)
ROUND = play(Size(accounts=generator.ACCOUNTS_PER_ROUND), TODAY)


@dataclass
class Held:
    """State slices as the engine keeps them."""

    accounts: dict[str, AccountSlice] = field(default_factory=dict)
    users: dict[tuple[str, str], UserSlice] = field(default_factory=dict)
    groups: dict[tuple[str, str, str], UserSlice] = field(default_factory=dict)
    bounds: Reached = field(default_factory=Reached)

    def account(self, account: str) -> AccountSlice:
        return self.accounts.setdefault(account, AccountSlice())

    def user(self, account: str, user: str) -> UserSlice:
        return self.users.setdefault((account, user), UserSlice())

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        return self.groups.setdefault((account, prop, value), UserSlice())

    def erase(self, account: str, at: int) -> None:
        del at
        self.accounts.pop(account, None)
        for key in [key for key in self.users if key[0] == account]:
            del self.users[key]


class Stage:
    """Plays acts of one account against the core alone, a second apart."""

    def __init__(self, core: Core, account: str) -> None:
        self.told: list[Envelope] = []
        self._core = core
        self._account = account
        self._slices = Held()
        self._now_us = NOW_US
        self._number = 0
        self._offer_id = ""

    def tell(self, send: Send) -> list[Envelope]:
        self._now_us += 1_000_000
        self._number += 1
        event = events.made(self._account, self._number, send, self._now_us)
        origin = Origin("usage", 0, self._number)
        if isinstance(event, UsageEvent):
            usage = Usage(
                source=event.source,
                id=event.id,
                type=event.type,
                account=event.subject,
                at=self._now_us - send.ago_s * 1_000_000,
                user=event.data.user,
                quantity=event.data.quantity,
                properties=dict(event.data.properties),
            )
            told = self._core.on_usage(self._slices, usage, origin, Clocks(self._now_us, 0))
        else:
            told = self._core.on_fact(self._slices, event, origin, Clocks(self._now_us, 0))
        self.told.extend(told)
        return told

    @singledispatchmethod
    def act(self, act: Act) -> None:
        raise AssertionError(f"no stage for {act}")

    @act.register
    def _(self, act: Send) -> None:
        for event in self.tell(act):
            assert not isinstance(event, Decided), f"{act} is not told as something that earns"

    @act.register
    def _(self, act: Earns) -> None:
        made = [event for event in self.tell(act.by) if isinstance(event, OfferMade | OfferChanged)]
        assert [event.data.offer.offer for event in made] == [act.offer]
        self._offer_id = made[0].data.offer.offer_id

    @act.register
    def _(self, act: Withheld) -> None:
        (decided,) = [event for event in self.tell(act.by) if isinstance(event, Decided)]
        assert decided.data.verdict is Verdict.WITHHELD
        assert decided.data.reason is act.reason
        assert act.offer in [left.offer for left in decided.data.candidates if left.reason is act.reason]

    @act.register
    def _(self, act: Respond) -> None:
        self._now_us += 1_000_000
        response = Responded(
            id=f"{self._account}-{self._now_us}",
            source="test",
            subject=self._account,
            time=to_datetime(self._now_us),
            data=ResponseData(offer=self._offer_id, response=act.response),
        )
        told = self._core.on_response(self._slices, response, Origin("responses", 0, 0), Clocks(self._now_us, 0))
        assert [event.type for event in told] == [f"rung.offer_{act.response}", "rung.offer_judged"]

    @act.register
    def _(self, _: Gone) -> None:
        offers = self._slices.account(self._account).offers
        (offer,) = [offer for offer in offers if offer.offer_id == self._offer_id]
        assert offer.over is not None or offer.snoozed_until is not None

    @act.register
    def _(self, _: Broken) -> None:
        """No event at all."""


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(compile_set([(path.name, path.read_text()) for path in sorted(FILES.glob("*.yaml"))], 0))


def expected_of_the_sample() -> set[Reason]:
    documents = [(path.name, path.read_text()) for path in sorted(FILES.glob("*.yaml"))]
    scenarios = [one for found in check_set(documents, 0).scenarios.values() for one in found.scenarios.values()]
    expected = (step.because for one in scenarios for step in one.steps if isinstance(step, Expects))
    return {Reason(because) for because in expected if because is not None}


def acts_of(shown: Play) -> list[Act]:
    return [act for story in shown.stories for act in story.acts]


@pytest.mark.parametrize("story", ROUND.stories, ids=lambda story: story.account)
def test_a_story_goes_as_it_is_written(core: Core, story: Story) -> None:
    stage = Stage(core, story.account)
    for act in story.acts:
        stage.act(act)


def test_every_reason_that_the_sample_has_a_scenario_for_happens(core: Core) -> None:
    seen: set[Reason] = set()
    for story in ROUND.stories:
        stage = Stage(core, story.account)
        for act in story.acts:
            stage.act(act)
        decisions = [event for event in stage.told if isinstance(event, Decided)]
        seen |= {left.reason for decided in decisions for left in decided.data.candidates if left.reason is not None}
    assert seen == expected_of_the_sample()


def test_every_kind_of_moment_of_the_sample_and_of_response_happens(core: Core) -> None:
    kinds: set[MomentKind] = set()
    for story in ROUND.stories:
        stage = Stage(core, story.account)
        for act in story.acts:
            stage.act(act)
        decisions = [event for event in stage.told if isinstance(event, Decided)]
        kinds |= {moment.kind for decided in decisions for moment in decided.data.moments}
    assert kinds == {moment.kind for moment in core.rules.moments.values()}
    assert {act.response for act in acts_of(ROUND) if isinstance(act, Respond)} == set(ResponseKind)


def test_the_smallest_show_tells_every_story() -> None:
    told = [story.acts for story in ROUND.stories]
    assert all(story.acts in told for story in PLAY.stories)


def test_the_same_seed_plays_the_same() -> None:
    assert play(SIZE, TODAY) == PLAY
    assert play(SIZE, TODAY, seed=1) != PLAY


def test_every_account_has_one_part_only() -> None:
    told = [story.account for story in PLAY.stories]
    busy = {account for account, _ in PLAY.crowd.begin}
    assert len(told) == len(set(told))
    assert busy.isdisjoint(told)
    assert len(busy) + len(told) == SIZE.accounts


def test_what_the_crowd_does_keeps_the_contract() -> None:
    for number, (account, send) in enumerate((*PLAY.crowd.begin, *PLAY.crowd.usage)):
        assert events.made(account, number, send, NOW_US).subject == account


def test_the_crowd_only_uses_the_product_after_its_plan_is_known() -> None:
    known = {account for account, send in PLAY.crowd.begin if send.type == "rung.account_created"}
    assert {account for account, _ in PLAY.crowd.usage} <= known
