"""Read the moments of a meter that reaches a number: milestone, habit."""

from typing import Final

from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.moments import NEVER_REACHED, HabitMoment, MilestoneMoment
from services.trigger_engine.domain.playbook.product import Span
from services.trigger_engine.domain.playbook.shapes import A_NAME, NUMERIC, Shapes, any_of, described, matching
from services.trigger_engine.domain.playbook.written import Written

ACCOUNT: Final = "account."

MILESTONE_KEYS: Final[Shapes] = {
    "milestone": described(A_NAME, "The meter"),
    "reaches": described(
        any_of(NUMERIC, matching(r"account\.\w+")), "A number, or a fact of the account that holds one"
    ),
}
HABIT_KEYS: Final[Shapes] = {
    "habit": described(A_NAME, "A meter over a span that passes, such as 7d"),
    "reaches": described(NUMERIC, "How much of it is a habit"),
}


def read_milestone(moment: Written, stale_after_us: int) -> MilestoneMoment | None:
    """A milestone: of a meter that does not forget, to a number or to what a fact says."""
    node = moment.node("milestone")
    meter = moment.meter(node)
    if meter is not None and node is not None and meter.span is Span.ROLLING:
        told = (
            f"{meter.name!r} forgets what is older than its span, so nothing is reached once and for all: use a habit"
        )
        moment.problems.add(node.place, "rolling-milestone", told, width=len(meter.name))
    reaches = moment.required("reaches")
    if reaches is None:
        return None
    if isinstance(reaches.value, str) and reaches.value.startswith(ACCOUNT):
        fact = _number_fact(moment, reaches)
        if meter is None or fact is None:
            return None
        return MilestoneMoment(moment.name, meter.name, NEVER_REACHED, stale_after_us, reaches_fact=fact)
    number = moment.problems.positive(reaches, "a milestone")
    return None if meter is None or number is None else MilestoneMoment(moment.name, meter.name, number, stale_after_us)


def _number_fact(moment: Written, node: Node) -> str | None:
    facts = {f"{ACCOUNT}{name}": fact.type for name, fact in moment.product.facts.items()}
    known = moment.problems.one_of(node, "a fact of the product document", facts, "unknown-fact")
    if known is None:
        return None
    if facts[known] not in ("number", "whole"):
        told = f"{known!r} is {facts[known]}, and this needs a number"
        moment.problems.add(node.place, "fact-type", told, width=len(known))
        return None
    return known.removeprefix(ACCOUNT)


def read_habit(moment: Written, stale_after_us: int) -> HabitMoment | None:
    """A habit: of a meter that forgets, for what was done once and stays counted for ever is none."""
    node = moment.node("habit")
    meter = moment.meter(node)
    reaches = moment.required("reaches")
    number = moment.problems.positive(reaches, "a habit") if reaches else None
    if meter is not None and node is not None and meter.span is Span.EVER:
        told = f"{meter.name!r} counts for ever, and a habit is of a span such as 7d: use a milestone"
        moment.problems.add(node.place, "habit-for-ever", told, width=len(meter.name))
    return None if meter is None or number is None else HabitMoment(moment.name, meter.name, number, stale_after_us)
