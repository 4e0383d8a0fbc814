"""Read the moments that watch events: onboarding, sequence, absence."""

from typing import Final

from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.moments import (
    ACCOUNT_CREATED,
    AbsenceMoment,
    OnboardingMoment,
    OnboardingOf,
    SequenceMoment,
)
from services.trigger_engine.domain.playbook.shapes import (
    A_DURATION,
    AN_EVENT,
    AN_ID,
    Shapes,
    any_of,
    described,
    list_of,
    one_of,
)
from services.trigger_engine.domain.playbook.written import Written

ORDERS: Final = ("any", "as_written")

ONBOARDING_KEYS: Final[Shapes] = {
    "onboarding": described(list_of(AN_EVENT, least=1), "The steps: events, each given once"),
    "of": described(any_of(one_of(["account", "user"]), AN_ID), "Whose: account (when left out), user, or a product"),
    "starts": described(
        any_of(one_of([ACCOUNT_CREATED]), AN_EVENT), "When it begins; with its first step when left out"
    ),
    "order": described(one_of(ORDERS), "Whether the steps must come as written; any when left out"),
    "within": described(A_DURATION, "How long it may take before it counts as abandoned"),
}
SEQUENCE_KEYS: Final[Shapes] = {
    "sequence": described(list_of(AN_EVENT, least=2), "Events, in the order in which they must come"),
    "within": described(A_DURATION, "From the first to the last"),
}
ABSENCE_KEYS: Final[Shapes] = {
    "absence": described(AN_EVENT, "What does not happen"),
    "after": described(AN_EVENT, "What happens before"),
    "within": described(A_DURATION, "How long to wait for it"),
}


def read_onboarding(moment: Written, stale_after_us: int) -> OnboardingMoment | None:
    """An onboarding: its steps, whose it is, and when it begins and is given up."""
    steps = moment.events("onboarding")
    of, product = _of(moment)
    within = moment.duration("within")
    if steps is None:
        return None
    return OnboardingMoment(
        moment.name,
        steps,
        of,
        within,
        stale_after_us,
        product=product,
        starts=_starts(moment),
        in_order=_in_order(moment),
    )


def _of(moment: Written) -> tuple[OnboardingOf, str | None]:
    node = moment.node("of")
    if node is None:
        return OnboardingOf.ACCOUNT, None
    if isinstance(node.value, str) and node.value in moment.product.products:
        return OnboardingOf.ACCOUNT, node.value
    known = [OnboardingOf.ACCOUNT, OnboardingOf.USER, *moment.product.products]
    word = moment.problems.one_of(node, "account, user or a product", known, "of")
    return (OnboardingOf.ACCOUNT if word is None else OnboardingOf(word)), None


def _starts(moment: Written) -> str | None:
    node = moment.node("starts")
    if node is None:
        return None
    known = [ACCOUNT_CREATED, *moment.product.events]
    return moment.problems.one_of(node, f"{ACCOUNT_CREATED} or an event", known, "unknown-event")


def _in_order(moment: Written) -> bool:
    node = moment.node("order")
    if node is None:
        return False
    return moment.problems.one_of(node, "'any' or 'as_written'", ORDERS, "order") == "as_written"


def read_sequence(moment: Written, stale_after_us: int) -> SequenceMoment | None:
    """A sequence: at least two events, in order, in a span of time."""
    steps = moment.events("sequence")
    within = moment.required_duration("within")
    if steps is not None and len(steps) == 1:
        moment.add("sequence", "steps", "a sequence needs two events or more: one alone is a milestone")
    return None if steps is None or within is None else SequenceMoment(moment.name, steps, within, stale_after_us)


def read_absence(moment: Written, stale_after_us: int) -> AbsenceMoment | None:
    """An absence: of one event, after another."""
    event = moment.event(moment.node("absence"))
    node = moment.required("after")
    after = moment.event(node)
    within = moment.required_duration("within")
    if event is not None and event == after and isinstance(node, Node):
        told = f"{event!r} can not be missed after itself: name the event that it should follow"
        moment.problems.add(node.place, "absence", told, width=len(event))
    if event is None or after is None or within is None:
        return None
    return AbsenceMoment(moment.name, event, after, within, stale_after_us)
