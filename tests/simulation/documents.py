"""The sets that simulated engines work by."""

from __future__ import annotations

from typing import Any, Final

from schemas.codec import encode
from schemas.playbooks import (
    OfferPaused,
    OfferResumed,
    OldSet,
    SetPublished,
    SetRolledBack,
    SourceFile,
    Switch,
    WholeSet,
)
from services.kit.clock import to_datetime

PRODUCT: Final = """
product: files
default_plan: free
events:
  file.stored: {size_gb: number}
  report.exported: {}
  workspace.created: {}
  member.invited: {}
meters:
  storage_gb: {sum: size_gb, of: file.stored}
  exports: {count: report.exported}
  signatures: {count: report.exported, by: user}
  reading: {count: report.exported, by: user, over: 6h}
  sizes: {count: file.stored, by: size_gb}
  invited: {distinct: user, of: member.invited, over: day}
plans:
  - {id: free, price: 0, limits: {storage_gb: 3, invited: 2, exports: 600}}
  - {id: plus, price: {month: 10}, limits: {storage_gb: 9, exports: 600}}
  - {id: team, price: {month: 30}, limits: {storage_gb: 200, exports: 600}}
ladders: {personal: [free, plus, team]}
products:
  - {id: insights, price: {month: 6}}
  - {id: seals, price: {month: 2}}
placements: [banner, modal, page, rail]
"""

FIRST: Final = """
playbook: storage
moments:
  storage_full: {limit: storage_gb, at: [40%, 80%, 100%]}
  first_report: {milestone: exports, reaches: 1}
  third_signature: {milestone: signatures, reaches: 3}
  onboarded: {onboarding: [workspace.created, member.invited], of: account, within: 14d}
  daily_reader: {habit: reading, reaches: 2}
  same_again: {milestone: sizes, reaches: 4}
  crowded: {limit: invited, at: [50%, 100%]}
  growing: {growth: exports, by: 50%, of: day, from: 1}
  stayed: {tenure: account.plan_since, reaches: 1 month}
  in_a_row: {sequence: [workspace.created, file.stored], within: 3h}
  not_followed: {absence: report.exported, after: file.stored, within: 1h}
  one_more: {attempt: file.stored, of: storage_gb}
  keen: {becomes: meters.exports >= 2}
  ended: {outcome: expired, of: times}
  running_out: {forecast: exports, within: 28d, confidence: 10%}
offers:
  habits: {on: [daily_reader, same_again, crowded], add: seals, placements: [page], family: more, open_for: 2h}
  times: {on: [growing, stayed, in_a_row, not_followed], add: insights, placements: [page], family: later, open_for: 2h}
  more_storage: {on: [storage_full], upgrade_to: next, placements: [banner], open_for: 1d}
  report_insights: {on: [first_report, onboarded], add: insights, placements: [modal], open_for: 6h}
  seal: {on: [third_signature], add: seals, placements: [modal]}
  after: {on: [one_more, keen, ended, running_out], add: insights, placements: [rail], family: after, open_for: 3h}
"""

SECOND: Final = FIRST.replace("reaches: 1}", "reaches: 2}").replace("[40%, 80%, 100%]", "[20%, 60%, 90%]")
BROKEN: Final = "playbook: x\noffers: {a: {on: [nothing]}}"
OFFERS: Final = ("more_storage", "report_insights", "seal", "habits", "times", "after")

Message = tuple[bytes, list[tuple[str, bytes]]]


def published(number: int, at: int, playbook: str, expects: int | None = None) -> Message:
    """A set, as it lies in the log."""
    return encode(SetPublished(**_attributes(number, at), data=WholeSet(files=_files(playbook), expects=expects)))


def rolled_back(number: int, at: int, playbook: str, to: int) -> Message:
    """An older set, as a new version."""
    return encode(SetRolledBack(**_attributes(number, at), data=OldSet(files=_files(playbook), to=to)))


def paused(number: int, at: int, offer: str) -> Message:
    """One offer stopped."""
    return encode(OfferPaused(**_attributes(number, at), data=Switch(offer=offer)))


def resumed(number: int, at: int, offer: str) -> Message:
    """One offer let go on."""
    return encode(OfferResumed(**_attributes(number, at), data=Switch(offer=offer)))


def _attributes(number: int, at: int) -> dict[str, Any]:
    return {"id": f"set-{number}", "source": "simulation", "subject": "files", "time": to_datetime(at)}


def _files(playbook: str) -> tuple[SourceFile, ...]:
    return (SourceFile(path="product.yaml", text=PRODUCT), SourceFile(path="playbook.yaml", text=playbook))
