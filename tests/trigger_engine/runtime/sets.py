"""A small set for tests of the runtime."""

from __future__ import annotations

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.playbook.sets import compile_set

PRODUCT = """
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
plans:
  - {id: free, price: 0, limits: {storage_gb: 2}}
  - {id: plus, price: {month: 10}, limits: {storage_gb: 2000}}
ladders: {personal: [free, plus]}
products:
  - {id: insights, price: {month: 6}}
placements: [banner, modal]
"""

PLAYBOOK = """
playbook: storage
moments:
  storage_full: {limit: storage_gb, at: [80%, 100%]}
  first_report: {milestone: exports, reaches: 1}
  onboarded: {onboarding: [workspace.created, member.invited], of: account, within: 14d}
offers:
  more_storage: {on: [storage_full], upgrade_to: next, placements: [banner], open_for: 3d}
  report_insights: {on: [first_report, onboarded], add: insights, placements: [modal]}
"""

ONBOARDING_DEADLINE_US = 14 * 24 * 3_600 * 1_000_000


def sample_core(version: int = 0) -> Core:
    return Core(compile_set([("product.yaml", PRODUCT), ("storage.yaml", PLAYBOOK)], version))
