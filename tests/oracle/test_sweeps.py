"""Where all accounts were brought over to a new set, none is left with what this set would not leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from oracle.verify import verify
from schemas import topics
from services.kit.clock import to_datetime
from tests.oracle.test_power import AT_ONCE
from tests.oracle.whole.dry import PREFIX, Dry
from tests.oracle.whole.playing import START_US, published
from tests.oracle.whole.stories import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from schemas.topics import Topic

PRODUCT: Final = """
product: files
history: starts_empty
default_plan: free
events: {report.exported: {}, page.viewed: {}, project.created: {}}
meters: {exports: {count: report.exported}, views: {count: page.viewed}, projects: {count: project.created}}
plans: [{id: free, price: 0, limits: {projects: 2}}, {id: plus, price: {month: 10}, limits: {projects: 50}}]
ladders: {personal: [free, plus]}
products: [{id: photos, price: {month: 4}}]
placements: [banner]
"""
PLAYBOOK: Final = """
playbook: reports
moments: {first: {milestone: exports, reaches: 1}, full: {limit: projects, at: [100%]}}
segments: {curious: meters.views >= 1, older: account.age >= 2d}
offers:
  o: {on: [first], add: photos}
  more: {on: [full], upgrade_to: next on personal}
"""


class Case(NamedTuple):
    """What is told of an account, two sets, and what the second must bring about."""

    happened: list[tuple[str, dict[str, Any]]]
    before: tuple[str, str]
    after: tuple[str, str]
    expected: str


def quiet_when(*names: str) -> tuple[str, str]:
    return f"{PRODUCT}guardrails: {{quiet_when: [{', '.join(names)}]}}\n", PLAYBOOK


EXPORTED: Final[tuple[str, dict[str, Any]]] = ("report.exported", {})
FULL: Final[list[tuple[str, dict[str, Any]]]] = [("project.created", {})] * 2
FREE: Final = (PRODUCT, PLAYBOOK)
BEGAN: Final[dict[str, list[tuple[str, dict[str, Any]]]]] = {
    "open_ticket": [("rung.ticket_opened", {"ticket": "t-1"})],
    "payment_failed": [("rung.payment_failed", {})],
    "cancelling": [("rung.cancel_requested", {})],
    "onboarding": [("rung.onboarding_started", {})],
    "curious": [("page.viewed", {})],
}
REASON: Final = {"curious": "quiet"}
CASES: Final = {
    **{
        f"an offer that {name} keeps away": Case(
            [*began, EXPORTED], FREE, quiet_when(name), f"revoked as {REASON.get(name, name)} in version 1"
        )
        for name, began in BEGAN.items()
    },
    **{
        f"a moment that {name} keeps no more": Case(
            [*began, EXPORTED], quiet_when(name), FREE, "decided again in version 1"
        )
        for name, began in BEGAN.items()
    },
    "a limit that cancelling keeps no more": Case(
        [*BEGAN["cancelling"], *FULL], quiet_when("cancelling"), FREE, "decided again in version 1"
    ),
    "an offer that lifts nothing": Case(
        FULL,
        FREE,
        (PRODUCT.replace("projects: 2", "projects: 9"), PLAYBOOK),
        "revoked as plan_changed in version 1",
    ),
    "a moment that waits for less": Case(
        [EXPORTED],
        (f"{PRODUCT}guardrails: {{not_before: {{account.age: 12h}}}}\n", PLAYBOOK),
        (f"{PRODUCT}guardrails: {{not_before: {{account.age: 6h}}}}\n", PLAYBOOK),
        "it waits for in version 1",
    ),
}  # fmt: skip


class Story:
    """One account, and an engine that goes by one set and then by another."""

    def __init__(self, before: tuple[str, str] = FREE) -> None:
        self.dry = Dry(START_US)
        self._sent = 0
        self.dry.tell_sets(published(*before, at=START_US))

    def tell(self, kind: str, topic: Topic = topics.USAGE, **data: object) -> None:
        self._sent += 1
        time = to_datetime(self.dry.clock.now + self._sent).isoformat()
        made = {"specversion": "1.0", "id": f"e-{self._sent}", "source": "app", "type": kind, "subject": "acme"}
        self.dry.send(topic.under(PREFIX).removeprefix(f"{PREFIX}."), {**made, "time": time, "data": data})

    def publish(self, after: tuple[str, str]) -> None:
        self.dry.tell_sets(published(*after, at=self.dry.clock.now + 1))

    def commit(self, kind: str = "project.created") -> None:
        """Have something be written that concerns nobody's offers."""
        self.tell(kind)
        self.dry.turn()
        self.dry.turn()

    def found(self) -> list[str]:
        return [violation.expected.split(" ", 1)[1] for violation in verify(self.dry.logs, AT_ONCE).violations]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("is_left_out", [False, True])
def test_an_account_that_a_sweep_left_out_is_missed(name: str, *, is_left_out: bool) -> None:
    case = CASES[name]
    story = Story(case.before)
    for kind, data in case.happened:
        story.tell(kind, **data)
    story.dry.turn()
    story.dry.leaves_out = lambda _: is_left_out
    story.publish(case.after)
    story.dry.turn()
    story.commit()
    assert story.found() == ([case.expected] if is_left_out else [])


def test_what_time_alone_brought_about_after_the_sweep_is_not_missed() -> None:
    """It was fitting when it was looked at; nothing has happened to the account since."""
    story = Story()
    story.tell("report.exported")
    story.dry.turn()
    story.publish(quiet_when("older"))
    story.dry.turn()
    story.dry.clock.now += 3 * DAY
    story.commit()
    assert story.found() == []


def test_an_account_is_brought_over_by_what_happens_to_it_while_others_are_swept() -> None:
    story = Story()
    story.tell("rung.ticket_opened", ticket="t-1")
    story.tell("report.exported")
    story.dry.turn()
    story.publish(quiet_when("open_ticket"))
    story.tell("rung.ticket_closed", ticket="t-1")
    story.dry.turn()
    story.commit()
    assert story.found() == []


@pytest.mark.parametrize("ticks", [True, False])
def test_time_that_is_not_let_pass_is_missed_once_it_can_be_no_accident(*, ticks: bool) -> None:
    """A moment is held until its account is a day old; all that is sent moves no clock."""
    story = Story((f"{PRODUCT}guardrails: {{not_before: {{account.age: 1d}}}}\n", PLAYBOOK))
    story.tell("report.exported")
    story.dry.turn()
    story.dry.ticks = lambda: ticks
    story.dry.clock.now += DAY + MINUTE
    for silences in range(4):
        assert story.found() == ([] if ticks or silences < 3 else ["let pass, as in silences before"])
        story.dry.clock.now += HOUR
        story.dry.turn()
        story.tell("rung.responded", topics.RESPONSES, offer="none", response="clicked")
        story.dry.turn()
