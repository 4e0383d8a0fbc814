"""What bounds the offers of one playbook: the guardrails of the product document, and its own that are stricter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from oracle.language.guarding import BackOff, Guardrails, Quiet, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


def tightened(everybodys: Guardrails, own: Guardrails) -> Guardrails:
    """Both; of two that say the same the stricter, at the place of the first."""
    quiet: dict[str, Quiet] = {}
    for one in (*everybodys.quiet, *own.quiet):
        before = quiet.get(one.text, one)
        quiet[one.text] = replace(before, cool_down=max(before.cool_down, one.cool_down))
    not_before: dict[str, Threshold] = {}
    for threshold in (*everybodys.not_before, *own.not_before):
        known = not_before.get(threshold.name, threshold)
        not_before[threshold.name] = max(known, threshold, key=lambda held: held.least)
    return Guardrails(
        quiet=tuple(quiet.values()),
        not_before=tuple(not_before.values()),
        caps=(*everybodys.caps, *own.caps),
        back_off=_back_off(everybodys.back_off, own.back_off),
        times=_least((everybodys.times, own.times)),
        first=_least((everybodys.first, own.first)),
    )


def _back_off(one: BackOff | None, other: BackOff | None) -> BackOff | None:
    if one is None or other is None:
        return one or other
    return BackOff(min(one.after, other.after), max(one.wait, other.wait))


def _least(bounds: Iterable[Decimal | None]) -> Decimal | None:
    return min((bound for bound in bounds if bound is not None), default=None)
