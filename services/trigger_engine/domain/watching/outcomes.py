"""Moments that earlier offers came to: what was judged of them is shown to the moments of outcome."""

from collections.abc import Sequence

from services.trigger_engine.domain.moments import outcome
from services.trigger_engine.domain.moments.outcome import Judged, OutcomeState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import OutcomeMoment
from services.trigger_engine.domain.watching.scene import Scene


def outcomes(scene: Scene, judged: Sequence[Judged]) -> list[Passed]:
    """What fires of it; a moment about an offer to one user is that user's."""
    fired = []
    whose = {offer.offer_id: offer.user for offer in scene.account.offers} if judged else {}
    for moment in scene.rules.every(OutcomeMoment) if judged else ():
        for one in judged:
            state, fires = outcome.observe(moment, scene.state(scene.account, moment, OutcomeState()), one)
            if fires:
                scene.keep(scene.account, moment, state)
                fired.append(Passed(moment, one.at, whose.get(one.offer_id), arm=state.arm, about=one.offer_id))
    return fired
