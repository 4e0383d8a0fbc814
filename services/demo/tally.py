"""What was seen so far: counted, with the latest examples."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from schemas.decisions import Decision, Reason, Verdict
from schemas.offers import MomentKind

KEPT_LINES: Final = 100
"""More than any terminal is high."""


class Kind(StrEnum):
    """What a line is about, in a word that fits a narrow column."""

    MOMENT = "moment"
    OFFER = "offer"
    RAISED = "raised"  # an open offer, to a higher step
    WITHHELD = "not now"
    RESPONSE = "person"
    STAYS_AWAY = "away"
    DEAD_LETTER = "broken"
    MISSING = "MISSING"


@dataclass(frozen=True)
class Line:
    """One thing that happened, ``at_s`` seconds into the show."""

    at_s: float
    kind: Kind
    account: str
    text: str


@dataclass(frozen=True)
class Example:
    """One offer that was left out: of which account, and why."""

    account: str
    text: str


@dataclass
class Waits:
    """Seconds from producing a usage event until a front end had the offer that it earned."""

    fetchable: list[float] = field(default_factory=list)  # until GET gave it
    pushed: list[float] = field(default_factory=list)  # until it came down an open stream


@dataclass
class Tally:
    """All counts of one show. ``since``: seconds into the show, now; ``told`` is called with every line."""

    since: Callable[[], float]
    told: Callable[[Line], None] = lambda _: None
    events: int = 0
    moments: Counter[MomentKind] = field(default_factory=Counter)
    decisions: Counter[Verdict] = field(default_factory=Counter)
    nothing: Counter[Reason] = field(default_factory=Counter)  # decisions that offered nothing, by their reason
    left_out: Counter[Reason] = field(default_factory=Counter)  # offers left out of any decision, by reason
    examples: dict[Reason, Example] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)
    responses_of: Counter[tuple[str, str]] = field(default_factory=Counter)  # offer and what happened to it
    stayed_away: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    dead_example: str = ""
    waits: Waits = field(default_factory=Waits)
    missing: list[str] = field(default_factory=list)
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))

    def say(self, kind: Kind, account: str, text: str) -> None:
        """Note a line."""
        line = Line(self.since(), kind, account, text)
        self.lines.append(line)
        self.told(line)

    def decided(self, account: str, decision: Decision) -> None:
        """A decision was read."""
        for moment in decision.moments:
            self.moments[moment.kind] += 1
            self.say(Kind.MOMENT, account, moment_text(moment.moment, moment.step))
        self.decisions[decision.verdict] += 1
        for left in decision.candidates:
            if left.reason is not None:
                self.left_out[left.reason] += 1
                detail = f", {left.detail}" if left.detail else ""
                self.examples[left.reason] = Example(account, f"{left.offer}{detail}")
        if decision.reason is not None:
            self.nothing[decision.reason] += 1
            self.say(Kind.WITHHELD, account, _withheld_text(decision, decision.reason))

    def failed(self, account: str, what: str) -> None:
        """Something that had to happen did not."""
        self.missing.append(f"{account}: {what}")
        self.say(Kind.MISSING, account, what)


def moment_text(moment: str, step: object) -> str:
    """A moment's name, with the step when it has some."""
    return moment if step is None else f"{moment} at {float(str(step)):.0%}"


def _withheld_text(decision: Decision, reason: Reason) -> str:
    left = next((candidate for candidate in decision.candidates if candidate.reason is reason), None)
    if left is None:
        return reason.value
    return f"{reason.value} ({left.offer}{f': {left.detail}' if left.detail else ''})"


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least ``share`` of ``values`` do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    whole = -(-share * len(ordered) // 1)  # rounded up
    return ordered[max(0, min(len(ordered), int(whole)) - 1)]
