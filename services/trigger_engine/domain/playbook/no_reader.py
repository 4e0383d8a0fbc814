"""Read what a no means: ``after_a_no``."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.trigger_engine.domain.playbook.moments import AnyMoment, LimitMoment
from services.trigger_engine.domain.playbook.offers import AfterNo, NoRule
from services.trigger_engine.domain.playbook.reading import DURATION, DURATIONS_US
from services.trigger_engine.domain.playbook.shapes import A_DURATION, Shape, any_of, described, one_of
from services.trigger_engine.domain.playbook.written import Written

HIGHER_STEP: Final = "wait for higher step"
RULES: Final[Mapping[str, NoRule]] = {"never": NoRule.NEVER, "next_period": NoRule.NEXT_PERIOD}
DEFAULT: Final = AfterNo(NoRule.FOR, "30d", 30 * DURATIONS_US["d"])

AFTER_A_NO: Final[Shape] = described(
    any_of(A_DURATION, one_of([*RULES, HIGHER_STEP])), "How long the offer's family stays away; 30d when left out"
)


def read_after_a_no(offer: Written, moments: Sequence[AnyMoment]) -> AfterNo:
    """What a dismissal means; waiting for a higher step needs moments that all have steps."""
    node = offer.node("after_a_no")
    if node is None:
        return DEFAULT
    written = offer.problems.text(node, "after_a_no")
    if written == HIGHER_STEP:
        if not all(isinstance(moment, LimitMoment) for moment in moments):
            told = f"{HIGHER_STEP!r} needs moments that have steps"
            offer.problems.add(node.place, "no-steps", told, width=len(written))
        return AfterNo(NoRule.HIGHER_STEP, written)
    if written in RULES:
        return AfterNo(RULES[written], written)
    if DURATION.fullmatch(written):
        return AfterNo(NoRule.FOR, written, offer.problems.duration(node, "after_a_no"))
    if written:
        told = f"after_a_no must be 30d, never, next_period or '{HIGHER_STEP}', not {written!r}"
        offer.problems.add(node.place, "after-a-no", told, width=len(written))
    return AfterNo(NoRule.NEVER, written)
