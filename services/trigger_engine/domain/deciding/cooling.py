"""Quiet segments with a cool-down: since when an account is out of them.

An account is looked at with each fact, response, timer and decision, and not with usage that only counts. So the
cool-down begins when the segment is first seen to be over: with a fact to the moment, after usage at the next look.
"""

from typing import Final

from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

MAX_COOLING: Final = 32
"""Segments that an account is remembered to be in, or to have left lately. At the bound the one left first is
forgotten, and with it the rest of its cool-down."""


def look(situation: Situation) -> None:
    """Remember which of these segments the account is in, and which it has just left."""
    quiet, rules = situation.account.was_quiet, situation.rules
    if not quiet and not rules.cooling:
        return
    for text, segment in rules.cooling.items():
        truth = values_of(situation).judge(segment.condition).truth
        if truth is Truth.TRUE:
            quiet[text] = None
        elif truth is Truth.FALSE and quiet.get(text, 0) is None:
            quiet[text] = situation.now
    for text, left in list(quiet.items()):
        known = rules.cooling.get(text)
        if known is None or (left is not None and left + known.cool_down_us <= situation.now):
            del quiet[text]
    for text in sorted(quiet, key=lambda text: (quiet[text] is None, quiet[text] or 0, text))[:-MAX_COOLING]:
        del quiet[text]
        situation.reached(Bound.COOL_DOWN_FORGOTTEN)
