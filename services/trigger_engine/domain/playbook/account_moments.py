"""Read the moments that watch the account itself: tenure, becomes, outcome."""

import re
from typing import Final

from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.moments import BecomesMoment, Ending, OutcomeMoment, TenureMoment
from services.trigger_engine.domain.playbook.shapes import (
    A_CONDITION,
    A_DURATION,
    A_NAME,
    Shapes,
    described,
    matching,
    one_of,
)
from services.trigger_engine.domain.playbook.written import Written, width

SINCE: Final = ("account.created", "account.plan_since", "account.term_since")
"""The names of an account that tell since when something has been so."""
TENURE: Final = re.compile(r"(\d{1,3}) (months?|years?)", re.ASCII)
MONTHS_A_YEAR: Final = 12

TENURE_KEYS: Final[Shapes] = {
    "tenure": described(one_of(SINCE), "Since when it is counted"),
    "reaches": described(matching(TENURE.pattern), "How long, in months or years of the calendar, such as '12 months'"),
}
BECOMES_KEYS: Final[Shapes] = {"becomes": described(A_CONDITION, "What was false and is now true")}
OUTCOME_KEYS: Final[Shapes] = {
    "outcome": described(one_of(Ending), "What became of an offer"),
    "of": described(A_NAME, "The offer"),
    "within": described(A_DURATION, "How soon after it was made; ever when left out"),
}


def read_tenure(moment: Written, stale_after_us: int) -> TenureMoment | None:
    """A tenure: months or years of the calendar since something of the account."""
    node = moment.node("tenure")
    since = moment.problems.one_of(node, "a time of the account", SINCE, "unknown-name") if node else None
    written = moment.required("reaches")
    months = _months(moment, written) if written else None
    if since is None or months is None:
        return None
    return TenureMoment(moment.name, since.removeprefix("account."), months, stale_after_us)


def _months(moment: Written, node: Node) -> int | None:
    found = TENURE.fullmatch(node.value) if isinstance(node.value, str) else None
    if found is None:
        told = f"a tenure must be months or years such as '12 months', and this is {node.kind}"
        moment.problems.add(node.place, "shape", told, width=width(node))
        return None
    months = int(found.group(1)) * (MONTHS_A_YEAR if found.group(2).startswith("year") else 1)
    if months == 0:
        moment.problems.add(node.place, "range", "a tenure must be longer than nothing", width=len(found.group()))
    return months


def read_becomes(moment: Written, stale_after_us: int) -> BecomesMoment | None:
    """Something becomes true of the account."""
    node = moment.node("becomes")
    names = moment.declared.segments.names
    condition = read_condition(node, "a condition", names, moment.problems) if node else None
    return BecomesMoment(moment.name, condition, stale_after_us) if condition else None


def read_outcome(moment: Written, stale_after_us: int) -> OutcomeMoment | None:
    """What became of an offer of the same playbook."""
    node = moment.node("outcome")
    ending = moment.problems.one_of(node, "what can become of an offer", list(Ending), "outcome") if node else None
    named = moment.required("of")
    offer = (
        moment.problems.one_of(named, "an offer of this playbook", moment.declared.offers, "unknown-offer")
        if named
        else None
    )
    within = moment.duration("within")
    if ending is None or offer is None:
        return None
    return OutcomeMoment(moment.name, Ending(ending), offer, within, stale_after_us)
