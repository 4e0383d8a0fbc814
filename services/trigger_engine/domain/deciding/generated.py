"""The words of an offer for which the operator wrote none: from the catalogue, and from what earned it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from schemas.envelope import unchecked
from schemas.offers import Content, Option
from services.trigger_engine.domain.calendar import written
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.deciding.item import Kind
from services.trigger_engine.domain.deciding.options import limit_shown
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import meter_of
from services.trigger_engine.domain.playbook.words import shown, spoken


def generated(candidate: Candidate) -> Content:
    """A title that names what is offered, and the account's own number where there is one."""
    return told(title(candidate.options, candidate.passed), _earned(candidate.passed))


def told(said: str, body: str | None) -> Content:
    """Words as they are told."""
    return unchecked(Content, {"title": said, "body": body})


def title(options: Sequence[Option], passed: Passed) -> str:
    """What is offered, in a few words."""
    if len(options) > 1:
        return f"Choose from {_listed([option.id for option in options])}"
    return TITLES[Kind(options[0].kind)](options[0], passed)


def _seats(option: Option, _: Passed) -> str:
    return f"{option.quantity:f} more {'seat' if option.quantity == 1 else 'seats'}"


TITLES: Final[Mapping[Kind, Callable[[Option, Passed], str]]] = {
    Kind.PLAN: lambda option, _: f"Upgrade to {_plain(option.id)}",
    Kind.PRODUCT: lambda option, _: f"Add {_plain(option.id)}",
    Kind.BUNDLE: lambda option, _: f"{_listed(option.items)} together",
    Kind.SEATS: _seats,
    Kind.TERM: lambda option, _: f"Change to {_plain(option.id)}",
    Kind.FEATURE: lambda option, _: f"Have a look at {_plain(option.id)}",
    Kind.TOPIC: lambda option, _: f"About {_plain(option.id)}",
    Kind.TASK: lambda _, passed: f"Look into {_plain(passed.moment.name)}",
}


def _earned(passed: Passed) -> str | None:
    """What the account has done, in its own number; None where the moment has none."""
    meter = meter_of(passed.moment)
    if meter is None:
        return None
    if passed.percent is not None:
        return f"Your {_plain(meter)} grew by {shown(passed.percent)}%."
    if passed.date is not None and passed.limit is not None:
        return f"Your {_plain(meter)} will come to {limit_shown(passed.limit)} by {written(passed.date)}."
    if passed.value is None:
        return None
    of = "" if passed.limit is None else f" of {limit_shown(passed.limit)}"
    return f"Your {_plain(meter)}: {spoken(passed.value)}{of}."


def _listed(names: Sequence[str]) -> str:
    """Names as a person lists them: a, b and c."""
    plain = [_plain(name) for name in names]
    return " and ".join([", ".join(plain[:-1]), plain[-1]] if len(plain) > 1 else plain)


def _plain(name: str) -> str:
    """An id as a word."""
    return name.replace("_", " ")
