"""Runs of the whole language: accounts by the dozen, months of time, and one set after the other."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from schemas.playbooks import (
    OfferPaused,
    OfferResumed,
    OldSet,
    SetPublished,
    SetRolledBack,
    SourceFile,
    Switch,
    WholeSet,
)
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.happenings import Happenings
from tests.oracle.whole.sets import CARE, FIRST, LATER_SETS
from tests.oracle.whole.stories import DAY, EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemas.playbooks import PlaybookEvent

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
START_US: Final = (START - EPOCH) // timedelta(microseconds=1)
MOST_TIMERS: Final = 3
"""Fire in one go: so few that many are too many."""

OFFERS: Final = ("more_room", "photos_and_sign", "ask_csm", "grow_up", "suite")


def played(seed: int, turns: int, *, by_log: bool = False, fault: Callable[[Dry], None] = lambda _: None) -> Dry:
    """What an engine made of so many turns; one with a ``fault``, if that is planted."""
    dry = Dry(START_US + DAY, by_log=by_log, most_timers=MOST_TIMERS)
    fault(dry)
    chance, happenings = random.Random(seed), Happenings(dry, seed)
    dry.tell_sets(published(*FIRST, at=START_US, backfill=by_log))
    for number in range(turns):
        happenings.turn()
        if number == turns // 6:
            dry.tell_sets(published(*FIRST, CARE, at=dry.clock.now, backfill=by_log))
        elif number > turns // 4 and chance.random() < 0.08:
            dry.tell_sets(_another(chance, dry, by_log=by_log))
    return dry


def published(*texts: str, at: int, backfill: bool = False) -> SetPublished:
    """A set of these documents."""
    files = tuple(SourceFile(path=f"{place}.yaml", text=text) for place, text in enumerate(texts))
    return SetPublished(
        id="set", source="tests", subject="files", time=_time(at), data=WholeSet(files=files, backfill=backfill)
    )


def _another(chance: random.Random, dry: Dry, *, by_log: bool) -> PlaybookEvent:
    """The next word on sets: another one, an older one again, an offer that is stopped or let go on."""
    made: dict[str, Any] = {"id": "set", "source": "tests", "subject": "files", "time": _time(dry.clock.now)}
    kind = chance.random()
    if kind < 0.3:
        return OfferPaused(**made, data=Switch(offer=chance.choice(OFFERS)))
    if kind < 0.6:
        return OfferResumed(**made, data=Switch(offer=chance.choice(OFFERS)))
    texts = chance.choice([(*FIRST, CARE), *LATER_SETS])
    whole = published(*texts, at=dry.clock.now, backfill=by_log)
    return whole if kind < 0.9 else SetRolledBack(**made, data=OldSet(files=whole.data.files, to=0, backfill=by_log))


def _time(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)
