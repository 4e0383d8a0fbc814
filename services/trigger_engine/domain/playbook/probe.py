"""The set by which accounts of the probe are judged: it comes with the product, and is nobody's to change.

The same text stands in `docs/language/probe.md`, from where the oracle has it.
"""

from dataclasses import replace
from functools import cache
from typing import Final

from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set

PRODUCT: Final = """\
product: rung-probe
currency: USD
history: starts_empty
events: {probe.asked: {}}
meters: {asked: {count: probe.asked, by: user}}
plans: [{id: probe, price: 0}]
placements: [probe]
"""

PLAYBOOK: Final = """\
playbook: rung-probe
moments:
  asked: {milestone: asked, reaches: 1}
offers:
  answer:
    on: [asked]
    nurture: probe
    content: {title: Rung works}
    placements: [probe]
    open_for: 1h
"""


@cache
def _compiled() -> CompiledSet:
    return compile_set([("product.yaml", PRODUCT), ("probe.yaml", PLAYBOOK)], 0)


def probe_set(version: int) -> CompiledSet:
    """The probe's set, under the ``version`` that is in force for everybody else; it was published before all time."""
    return replace(_compiled(), version=version)
