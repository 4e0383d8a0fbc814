"""The functions of conditions, of what, and what comes of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from oracle.conditions import doing
from oracle.conditions.kinds import EITHER, FLAG, LIST, NUMBER, TEXT, TIME, WHOLE, Part
from oracle.conditions.tokens import BadCondition
from oracle.conditions.tree import FIRST_TIME, LAST_TIME, SECOND, Done, Node, Time, Written

if TYPE_CHECKING:
    from collections.abc import Callable

OF_TEXTS: Final[dict[str, Callable[..., bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}
RFC_3339: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def called(function: str, of: Part | None, arguments: list[Part]) -> Part:
    """``of.function(arguments)``, or ``function(arguments)``. Raises `BadCondition` when there is no such thing."""
    parts = arguments if of is None else [of, *arguments]
    kinds = [part.kind for part in parts]
    if function == "size" and len(parts) == 1 and (kinds[0] == TEXT or kinds[0].startswith(LIST)):
        return Part(Done(len, (parts[0].node,)), WHOLE)
    if function == "double" and of is None and len(parts) == 1 and kinds[0] in (WHOLE, EITHER, NUMBER, TEXT):
        return Part(Done(doing.double, (parts[0].node,)), NUMBER)
    if function in OF_TEXTS and of is not None and kinds == [TEXT, TEXT]:
        return Part(Done(OF_TEXTS[function], (parts[0].node, parts[1].node)), FLAG)
    if function == "matches" and kinds == [TEXT, TEXT]:
        _written(arguments[-1] if of is not None else None, doing.readable)
        return Part(Done(doing.found, (parts[0].node, parts[1].node)), FLAG)
    if function == "timestamp" and of is None and len(parts) == 1:
        text = _written(parts[0], lambda written: _instant(written) is not None)
        return Part(Written(_instant(text) or Time(0)), TIME)
    raise BadCondition(f"conditions have no {function!r} of {', '.join(kinds)}")


def _written(part: Part | None, is_good: Callable[[str], bool]) -> str:
    """A text that stands in the condition, and is of the form that is needed."""
    node: Node | None = None if part is None else part.node
    if not isinstance(node, Written) or not isinstance(node.value, str) or not is_good(node.value):
        raise BadCondition("a pattern or a time must be written out, and read as one")
    return node.value


def _instant(text: str) -> Time | None:
    found = RFC_3339.fullmatch(text)
    if found is None:
        return None
    try:
        whole = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[4].upper()}") - datetime(1970, 1, 1, tzinfo=UTC)
    except ValueError:
        return None
    ns = (whole.days * 86_400 + whole.seconds) * SECOND + int((found[3] or "0").ljust(9, "0"))
    return Time(ns) if FIRST_TIME <= ns < LAST_TIME else None
