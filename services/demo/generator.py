"""Who the customers are and what they do: made from a seed, so that every run plays the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Final

from services.demo.acts import Act, Send, Story
from services.demo.names import names
from services.demo.scenes import habits, limits, milestones, newcomers, refusals
from services.demo.scenes.things import created_projects, exported, on_plan, shared, signed, stood_at, stored
from services.kit.clock import US_PER_S, to_datetime

SEED: Final = 20_260_301
DAY_US: Final = 86_400 * US_PER_S
ACCOUNTS_PER_ROUND: Final = 60
"""One round tells every story once; the accounts that have none are the crowd."""

LONGEST_STORY_S: Final = 5.0
"""So much before its end, the last story of a show begins."""

PLANS: Final = ("free", "plus", "team", "enterprise")
SHARE_OF_PLANS: Final = (60, 22, 14, 4)
SEATS: Final = (3, 4, 5, 8, 12)
ROOM_GB: Final = {"free": 2, "plus": 2_000}
USED_AT_FIRST: Final = (20, 76)
"""Percent of its storage that an account of the crowd has in use: under the lowest step."""


@dataclass(frozen=True)
class Today:
    """Times that stories speak of, as they are written."""

    as_of: str
    period_starts: str
    period_ends: str

    @classmethod
    def at(cls, now_us: int) -> "Today":
        """A billing period that began ten days ago; what was counted before stands as of yesterday."""
        return cls(
            as_of=to_datetime(now_us - DAY_US).isoformat(),
            period_starts=to_datetime(now_us - 10 * DAY_US).isoformat(),
            period_ends=to_datetime(now_us + 20 * DAY_US).isoformat(),
        )


@dataclass(frozen=True)
class Crowd:
    """Accounts that are just busy. ``begin`` is told first, then ``usage`` one after the other at a steady rate."""

    begin: tuple[tuple[str, Send], ...]
    usage: tuple[tuple[str, Send], ...]


@dataclass(frozen=True)
class Play:
    """All that is going to happen; ``rate`` is the crowd's events a second."""

    stories: tuple[Story, ...]
    crowd: Crowd
    rate: float


@dataclass(frozen=True)
class Size:
    """How much is to happen: ``accounts`` customers; beside the stories ``rate`` events a second, for ``seconds``."""

    accounts: int = 300
    rate: float = 60.0
    seconds: float = 25.0


def play(size: Size, today: Today, seed: int = SEED) -> Play:
    """What the customers do; the same for the same arguments."""
    chance = Random(seed)  # noqa: S311 - a story, not a secret
    cast = list(islice(names(), size.accounts))
    scenes = [acts for _ in range(max(1, size.accounts // ACCOUNTS_PER_ROUND)) for acts in _round(today)]
    scenes.append(ONCE())
    chance.shuffle(scenes)
    telling, busy = cast[: len(scenes)], cast[len(scenes) :]
    spread = max(0.0, size.seconds - LONGEST_STORY_S) / len(scenes)
    stories = tuple(
        Story(account, acts, starts_s=number * spread)
        for number, (account, acts) in enumerate(zip(telling, scenes, strict=False))
    )
    return Play(stories, _crowd(busy, round(size.rate * size.seconds), today, chance), size.rate)


def _round(today: Today) -> Iterator[tuple[Act, ...]]:
    """Every story once."""
    period = Send("rung.period_started", {"starts": today.period_starts, "ends": today.period_ends})
    yield limits.serves_many_downloads(period)
    for told in WITHOUT_DATES:
        yield told()
    for dated in WITH_DATES:
        yield dated(today.as_of)


WITHOUT_DATES: Final[tuple[Callable[[], tuple[Act, ...]], ...]] = (
    limits.climbs_and_upgrades,
    limits.says_no_until_it_matters_more,
    limits.jumps_over_all_steps,
    limits.has_no_plan_above,
    limits.starts_the_last_project,
    milestones.exports_a_first_report,
    milestones.shares_widely,
    milestones.signs_a_document,
    habits.shares_with_five,
    habits.tries_one_too_many,
    newcomers.finds_its_way,
    newcomers.does_it_in_another_order,
    refusals.was_offline,
    refusals.has_it_already,
    refusals.has_more_than_the_next_plan,
    refusals.is_a_stranger,
    refusals.waits_for_help,
    refusals.could_not_pay,
    refusals.is_about_to_leave,
    refusals.has_heard_enough,
    refusals.said_no,
    refusals.has_the_place_taken,
)
WITH_DATES: Final[tuple[Callable[[str], tuple[Act, ...]], ...]] = (
    refusals.is_at_the_top,
    refusals.would_have_to_jump,
    refusals.is_on_another_ladder,
)
ONCE: Final[Callable[[], tuple[Act, ...]]] = refusals.is_garbled
"""Told by one account only: one message that nobody can read is enough."""


def _crowd(accounts: list[str], events: int, today: Today, chance: Random) -> Crowd:
    plans = {account: chance.choices(PLANS, SHARE_OF_PLANS)[0] for account in accounts}
    begin = tuple((account, fact) for account in accounts for fact in _facts(plans[account], today, chance))
    usage = tuple(
        (account, _usage(plans[account], chance))
        for account in (chance.choice(accounts) for _ in range(events if accounts else 0))
    )
    return Crowd(begin, usage)


def _facts(plan: str, today: Today, chance: Random) -> Iterator[Send]:
    yield on_plan(plan, seats=chance.choice(SEATS) if plan == "team" else None)
    room = ROOM_GB.get(plan)
    if room is not None:
        used = Decimal(room * chance.randint(*USED_AT_FIRST)) / 100
        yield stood_at("storage_gb", str(used), today.as_of)


def _usage(plan: str, chance: Random) -> Send:
    kind = chance.choices(("stored", "shared", "projects", "exported", "signed"), (70, 22, 6, 1, 1))[0]
    match kind:
        case "stored":
            room = ROOM_GB.get(plan, 1_000)
            return stored(str(Decimal(room * chance.randint(1, 40)) / 1_000))  # 0.1 to 4 % of what there is
        case "shared":
            return shared()
        case "projects":
            return created_projects(1)
        case "exported":
            return exported()
        case _:
            return signed(f"u-{chance.randint(1, 9)}")
