"""What a condition waits for: why it can not be told yet, and what could change its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle import days
from oracle.deciding.candidate import Withheld
from oracle.language.meter import USERS
from oracle.language.rules import names_behind

if TYPE_CHECKING:
    from oracle.conditions.condition import Condition, Verdict
    from oracle.deciding.values import Values
    from oracle.detecting.scene import Scene


def because(reason: str, condition: Condition, scene: Scene) -> Withheld:
    """A condition keeps an offer away; meters that it asks about may end that."""
    names = names_behind([condition], scene.rules)
    return Withheld(reason, condition.text, again=_again(names, scene), waits_for=tuple(_meters(names)))


def unknown(asked: str, verdict: Verdict, values: Values, scene: Scene) -> Withheld:
    """What nobody knows of the account; facts make it known, and time."""
    names = values.missing(verdict)
    return Withheld("unknown", ", ".join(names) or asked, again=_again(names, scene))


def _meters(names: list[str]) -> list[str]:
    asked = [name.removeprefix("total(").removesuffix(")") for name in dict.fromkeys(names)]
    return [name.removeprefix("meters.") for name in asked if name.startswith("meters.") or name == USERS.name]


def _again(names: list[str], scene: Scene) -> int | None:
    """At the account's next day, where time alone may change the answer."""
    if not any(scene.rules.passes(name) for name in names):
        return None
    return days.end_of("day", scene.now, scene.account.clocks())
