"""A playbook's own guardrails can only be stricter than those of the product document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.language.scalars import ensure

if TYPE_CHECKING:
    from oracle.language.guarding import Cap, Guardrails


def only_stricter(own: Guardrails, product: Guardrails) -> None:
    """Raise `NotASet` where ``own`` allows more than ``product`` does."""
    quiet = {one.text: one.cool_down for one in product.quiet}
    for one in own.quiet:
        ensure(one.cool_down >= quiet.get(one.text, 0), f"quiet for shorter after {one.text}")
    least = {one.name: one.least for one in product.not_before}
    for threshold in own.not_before:
        ensure(threshold.least >= least.get(threshold.name, threshold.least), f"not_before: {threshold.name}")
    most = {_kind(cap): cap.at_most for cap in product.caps}
    for cap in own.caps:
        ensure(cap.at_most <= most.get(_kind(cap), cap.at_most), "a cap allows more")
    if own.back_off is not None and product.back_off is not None:
        ensure(own.back_off.after <= product.back_off.after, "back_off comes later")
        ensure(own.back_off.wait >= product.back_off.wait, "back_off is shorter")
    for here, there in ((own.times, product.times), (own.first, product.first)):
        ensure(here is None or there is None or here <= there, "a step may be steeper")


def _kind(cap: Cap) -> tuple[object, ...]:
    return cap.per, cap.calendar, cap.each, cap.of, None if cap.who is None else cap.who.text
