"""Whether what came is what was expected, and in words what is not."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from schemas.decisions import Decision
from services.trigger_engine.domain.playbook.scenario import Came, Expects
from services.trigger_engine.domain.trying.choosing import chosen_as, percent, told_of
from services.trigger_engine.domain.trying.seen import Seen

DETAILS: Final[Mapping[str, str]] = {
    "because": "reason",
    "user": "user",
    "step": "step",
    "title": "title",
    "body": "body",
    "options": "options",
    "mark": "mark",
    "note": "note",
}
"""What an expectation may say beside what came to which offer, each None whatever it was; and the word for it."""
OFFERED: Final = (Came.MADE, Came.CHANGED)
NO_MOMENT: Final = "no moment fired, so nothing was decided"


def unmet(expects: Expects, came: Sequence[Seen], decided: Sequence[Decision]) -> str | None:
    """What came instead of what ``expects`` says, in words; None when it is met."""
    if expects.came is None:
        return _not_nothing(expects, came, decided)
    found = [one for one in came if one.came is expects.came and one.offer == expects.offer]
    if not found:
        return _instead(expects, came, decided)
    if expects.came is Came.MADE:
        others = [one for one in came if one.came is Came.MADE and one.offer != expects.offer]
        if others:
            return f"{_all(others)}, too"
    differences = [_difference(expects, one) for one in found]
    return None if None in differences else differences[-1]


def expected(expects: Expects) -> str:
    """What is expected, in words."""
    if expects.came is None:
        return "nothing" if expects.because is None else f"nothing because {expects.because}"
    details = [f"{called} {_told(getattr(expects, name))}" for name, called in DETAILS.items() if _says(expects, name)]
    to = "to have expired" if expects.came is Came.EXPIRED else f"to be {expects.came}"
    return ", ".join([f"{expects.offer} {to}", *details])


def _not_nothing(expects: Expects, came: Sequence[Seen], decided: Sequence[Decision]) -> str | None:
    offered = [one for one in came if one.came in OFFERED]
    if offered:
        return _all(offered)
    if expects.because is None:
        return None
    if not decided:
        return NO_MOMENT
    reason = decided[-1].reason
    return None if reason == expects.because else f"the last decision was withheld because {reason}"


def _instead(expects: Expects, came: Sequence[Seen], decided: Sequence[Decision]) -> str:
    """All that came to this offer, else to others."""
    own = [one for one in came if one.offer == expects.offer]
    if own or came:
        return _all(own or came)
    if not decided:
        return NO_MOMENT
    return f"the last decision was withheld because {decided[-1].reason}"


def _difference(expects: Expects, one: Seen) -> str | None:
    """What is not as expected; None when all is."""
    wrong = [
        f"its {called} {'are' if called.endswith('s') else 'is'} {_told(getattr(one, name), getattr(expects, name))}"
        for name, called in DETAILS.items()
        if _says(expects, name) and not _is_so(getattr(expects, name), getattr(one, name))
    ]
    return ", ".join(wrong) or None


def _is_so(said: object, came: object) -> bool:
    """Whether what came is what was said; of options, whatever was said of them."""
    if isinstance(said, tuple) and isinstance(came, tuple):
        return len(said) == len(came) and all(chosen_as(one, other) for one, other in zip(said, came, strict=True))
    return said == came


def _says(expects: Expects, name: str) -> bool:
    return getattr(expects, name) is not None


def _all(many: Iterable[Seen]) -> str:
    return ", ".join(dict.fromkeys(_came(one) for one in many))


def _came(one: Seen) -> str:
    because = f" because {one.because}" if one.because is not None else ""
    step = f" at {percent(one.step)}" if one.step is not None else ""
    return f"{one.offer} {one.came if one.came is Came.EXPIRED else f'was {one.came}'}{step}{because}"


def _told(value: object, said: object = None) -> str:
    """A detail in words; of options what was ``said`` of them, and of others their ids."""
    match value:
        case Decimal():
            return percent(value)
        case tuple():
            return f"[{', '.join(told_of(one, said if isinstance(said, tuple) else value) for one in value)}]"
        case None:
            return "not there"
        case _:
            return repr(str(value))
