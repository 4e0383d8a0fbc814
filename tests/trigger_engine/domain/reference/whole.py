"""Every kind of moment, worked out anew from all that ever happened to one account: nothing is remembered, all is
looked at. Imports nothing of the product.

Times are minutes since the story begins, at 9 in the morning of 2026-03-01, UTC. No two things happen at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Final

from tests.trigger_engine.domain.reference.moments import habits

HOUR: Final = 60
DAY: Final = 24 * HOUR
MORNING: Final = 9 * HOUR
MARCH: Final = 31 * DAY
NEVER: Final = 10_000 * DAY

Fired = tuple[str, int, str | None, Decimal | None]
"""A moment, when, of which user, at which step."""


@dataclass(frozen=True)
class Happened:
    """``what`` happened; ``amount`` of it."""

    at: int
    what: str
    user: str | None = None
    amount: Decimal = Decimal(1)


Story = Sequence[Happened]


def everything(story: Story, end: int) -> list[Fired]:
    """All that fires by ``end``, in the order of time."""
    found = [
        *_limit(story), *_limit_by_day(story), *_milestones(story), *_onboarding(story), *_habit(story, end),
        *_attempts(story), *_growth(story, end), *_tenure(story, end), *_forecast(story, end), *_becomes(story),
        *_sequence(story), *_absence(story, end), *_outcome(story),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one[1], one[0], one[2] or ""))


def _times(story: Story, what: str) -> list[int]:
    return [one.at for one in story if one.what == what]


def _day(at: int) -> int:
    return (at + MORNING) // DAY


def _ends(day: int) -> int:
    return (day + 1) * DAY - MORNING


def _heard_of(story: Story) -> int:
    """When the first was heard of the account; a yes to an offer that it never had is none."""
    return next((one.at for one in story if one.what != "accepted"), NEVER)


def _first_whole_day(story: Story) -> int:
    return _day(_heard_of(story) - 1) + 1


def _limit(story: Story) -> Iterator[Fired]:
    """Steps of 10 GB: 50 %, 80 %, 100 %; again after it stood below 40 %."""
    stored = [one for one in story if one.what == "file.stored"]
    for place, one in enumerate(stored):
        stood = [sum((before.amount for before in stored[:count]), Decimal(0)) for count in range(place + 2)]
        since = max((count for count, gb in enumerate(stood[:-1]) if gb < 4), default=0)
        highest_before = max((_step(gb) for gb in stood[since:-1]), default=Decimal(0))
        if _step(stood[-1]) > highest_before and stood[-1] >= 4:
            yield "full", one.at, None, _step(stood[-1])


def _step(gb: Decimal) -> Decimal:
    return max((step for step in (Decimal("0.5"), Decimal("0.8"), Decimal(1)) if gb >= step * 10), default=Decimal(0))


def _limit_by_day(story: Story) -> Iterator[Fired]:
    """Four tasks a day."""
    ran = _times(story, "task.ran")
    for at in ran:
        if sum(_day(other) == _day(at) and other <= at for other in ran) == 4:
            yield "busy_day", at, None, Decimal(1)


def _milestones(story: Story) -> Iterator[Fired]:
    """Three exports; two signatures of each user."""
    yield from (("third", at, None, None) for at in _times(story, "report.exported")[2:3])
    for user in ("ann", "bob"):
        signed = [one.at for one in story if one.what == "document.signed" and one.user == user]
        yield from (("signed", at, user, None) for at in signed[1:2])


def _onboarding(story: Story) -> Iterator[Fired]:
    """Somebody invited, something shared: within 71 hours and a half of the first of them."""
    invited, shared = _times(story, "member.invited"), _times(story, "file.shared")
    if invited and shared and max(invited[0], shared[0]) - min(invited[0], shared[0]) <= 71 * HOUR + 30:
        yield "onboarded", max(invited[0], shared[0]), None, None


def _habit(story: Story, end: int) -> Iterator[Fired]:
    """Three times shared within a day."""
    hours = [at // HOUR for at in _times(story, "file.shared")]
    yield from (("sharing_habit", hour * HOUR, None, None) for hour in habits(hours, 24, 3, end // HOUR))


def _attempts(story: Story) -> Iterator[Fired]:
    """A project that is one too many, where three are allowed; once a day."""
    last: int | None = None
    for at in _times(story, "project.blocked"):
        has = sum(one.what == "project.created" for one in story if one.at < at)
        has -= sum(one.what == "project.deleted" for one in story if one.at < at)
        if has >= 3 and (last is None or at >= last + DAY):
            last = at
            yield "blocked", at, None, None


def _growth(story: Story, end: int) -> Iterator[Fired]:
    """Half as many exports again as on the day before."""
    exported = [_day(at) for at in _times(story, "report.exported")]
    for day in range(_first_whole_day(story) + 1, _day(end) + 1):
        before, now = exported.count(day - 1), exported.count(day)
        if before >= 1 and now >= before * Decimal("1.5") and _ends(day) <= end:
            yield "growing", _ends(day), None, None


def _tenure(story: Story, end: int) -> Iterator[Fired]:
    """A month on the plan of all beginners, since it was first heard of."""
    if _heard_of(story) + MARCH <= end:
        yield "one_month", _heard_of(story) + MARCH, None, None


def _forecast(story: Story, end: int) -> Iterator[Fired]:
    """Forty pages within ten days, at the pace of the days that are known; they are all alike."""
    first, pages = _first_whole_day(story), _times(story, "page.kept")
    for day in range(first + 6, _day(end) + 1):
        a_day = sum(_day(at) == day for at in pages)
        missing = 40 - sum(at < _ends(day) for at in pages)
        if a_day and 0 < missing <= 10 * a_day and ceil(missing / a_day) <= 10 and _ends(day) <= end:
            yield "running_out", _ends(day), None, None
            return  # again after 30 days, and by then it is full


def _becomes(story: Story) -> Iterator[Fired]:
    """A team that exports."""
    was = False
    for one in story:
        exports = sum(other.what == "report.exported" for other in story if other.at <= one.at)
        teams = [other.amount for other in story if other.what == "team" and other.at <= one.at]
        now = exports >= 2 and (teams[-1] if teams else 1) > 1
        if now and not was:
            yield "team_exports", one.at, None, None
        was = now


def _sequence(story: Story) -> Iterator[Fired]:
    """Invited, then exported within eight hours; once in eight hours."""
    began: int | None = None
    for at in _times(story, "report.exported"):
        before = [other for other in _times(story, "member.invited") if other <= at]
        if before and at - before[-1] <= 8 * HOUR and (began is None or before[-1] > began + 8 * HOUR):
            began = before[-1]
            yield "row", at, None, None


def _absence(story: Story, end: int) -> Iterator[Fired]:
    """Invited, and nothing exported for 290 minutes."""
    free = 0
    for at in _times(story, "member.invited"):
        answers = [other for other in _times(story, "report.exported") if at <= other <= at + 290]
        if at < free:
            continue
        if not answers and at + 290 <= end:
            yield "missing", at + 290, None, None
        free = answers[0] if answers else at + 291


def _outcome(story: Story) -> Iterator[Fired]:
    """The offer that the third export earned was accepted, once."""
    exported = _times(story, "report.exported")
    said = [at for at in _times(story, "accepted") if len(exported) > 2 and at > exported[2]]
    yield from (("agreed", at, None, None) for at in said[:1])
