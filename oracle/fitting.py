"""Open offers as facts, sets and time go on: taken back when they do not fit any more, ended when their time is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.deciding.suitable import look
from oracle.deciding.unfit import basis_of, ends_by_time, fired_of, why_unfit
from oracle.life import Changes, expire, revoke
from oracle.times import LAST

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.state import Open


def revoke_unfit(scene: Scene) -> Changes:
    """Take back every open offer that does not fit the account, or the set in force, any more; oldest first."""
    look(scene)
    changes = Changes([], [])
    for offer in scene.account.open():
        why = why_unfit(offer, scene)
        if why is not None:
            ended = revoke(scene, offer, why, scene.now)
            changes.events.extend(ended.events)
            changes.judged.extend(ended.judged)
            continue
        fired = fired_of(offer, scene)
        if fired is not None:  # it stands on what the account has now
            offer.basis = basis_of(fired, scene)
    return changes


def pass_time(scene: Scene, reached: int) -> Changes:
    """End every offer whose time has run out, in the order in which it did."""
    changes = Changes([], [])
    ends = [(*_ends(offer, scene), offer) for offer in scene.account.open()]
    for at, why, offer in sorted(ends, key=lambda end: (end[0], end[2].offer_id)):
        if at <= reached:
            ended = expire(scene, offer) if why is None else revoke(scene, offer, why, at)
            changes.events.extend(ended.events)
            changes.judged.extend(ended.judged)
    return changes


def due(scene: Scene) -> int | None:
    """When time next has something to do, to an offer or to a moment that is held; if nobody knows, at the end."""
    times = [LAST if held.again is None else held.again for held in scene.account.held]
    times.extend(_ends(offer, scene)[0] for offer in scene.account.open())
    return min(times, default=None)


def _ends(offer: Open, scene: Scene) -> tuple[int, str | None]:
    """When time ends it, and why it is taken back then; None when it just expires."""
    ends: list[tuple[int, str | None]] = [(offer.expires_at, None), *ends_by_time(offer, scene)]
    return min(ends, key=lambda end: end[0])
