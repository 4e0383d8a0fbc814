"""Moments that earlier offers came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.detecting.fired import Fired
from oracle.language.moment import Outcome
from oracle.moments import others
from oracle.moments import state as kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.detecting.scene import Scene
    from oracle.moments.others import Judged


def outcomes(scene: Scene, judged: Sequence[Judged]) -> list[Fired]:
    """What fires of what was judged; of an offer to one user it is that user's."""
    fired = []
    whose = {offer.offer_id: offer.user for offer in scene.account.offers}
    for moment in scene.rules.every(Outcome) if judged else ():
        for one in judged:
            after = others.outcome(moment, scene.state(scene.account, moment, kept.Outcome()), one)
            if after is not None:
                scene.keep(scene.account, moment, after)
                fired.append(Fired(moment, one.at, whose.get(one.offer_id), arm=after.arm, about=one.offer_id))
    return fired
