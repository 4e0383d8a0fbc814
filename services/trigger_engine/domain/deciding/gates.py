"""Which gate an offer has to pass, by its verb: the whole table in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.product import Quiet


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of some verbs. What no verb is spared has no line here: ``for``, ``runs``, staleness, the holdout.

    - ``quiet``: the states of ``quiet_when`` that keep it away; ``quiet_segments``: whether its segments do
    - ``not_before``: whether something must have come to so much first
    - ``caps``: whether it counts as an offer that somebody is shown: caps, back-off, what a no closed, its placement
    - ``ladder``: whether it is a sale, bound by ladders and the price step
    - ``disengaged``: whether it is for those, too, who do not use the product
    """

    quiet: frozenset[Quiet]
    quiet_segments: bool
    not_before: bool
    caps: bool
    ladder: bool
    disengaged: bool


SALE: Final = Gates(
    quiet=frozenset(Quiet), quiet_segments=True, not_before=True, caps=True, ladder=True, disengaged=False
)
HIGHLIGHT: Final = Gates(
    quiet=frozenset(Quiet), quiet_segments=True, not_before=True, caps=True, ladder=False, disengaged=False
)
NURTURE: Final = Gates(
    quiet=frozenset({Quiet.ONBOARDING, Quiet.OPEN_TICKET}),
    quiet_segments=False,
    not_before=False,
    caps=True,
    ladder=False,
    disengaged=True,
)
TASK: Final = Gates(
    quiet=frozenset(), quiet_segments=False, not_before=False, caps=False, ladder=False, disengaged=True
)
"""For the account's own people: instead of caps, one of a moment is open at a time."""

GATES: Final[Mapping[Verb, Gates]] = {
    Verb.UPGRADE_TO: SALE,
    Verb.ADD: SALE,
    Verb.BUNDLE: SALE,
    Verb.SEATS: SALE,
    Verb.TERM: SALE,
    Verb.CHOOSE_FROM: SALE,
    Verb.HIGHLIGHT: HIGHLIGHT,
    Verb.NURTURE: NURTURE,
    Verb.TASK: TASK,
}
