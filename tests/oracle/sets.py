"""A set that uses every part of the language there is."""

from __future__ import annotations

PRODUCT = """
product: files
currency: EUR
default_plan: free
terms: {month: 1, year: 12}
events:
  file.stored: {size_gb: number, format: text?}
  file.peaked: {size_gb: number?}
  link.downloaded: {size_gb: number}
  project.created: {}
  project.deleted: {}
  report.exported: {}
  document.signed: {}
  workspace.created: {}
  member.invited: {}
  page.viewed: {}
meters:
  storage_gb: {sum: size_gb, of: file.stored}
  peak_gb: {max: size_gb, of: file.peaked}
  transfer_gb: {sum: size_gb, of: link.downloaded, over: billing_period}
  projects: {count: project.created, less: project.deleted}
  exports: {count: report.exported}
  signatures: {count: document.signed, by: user}
plans:
  - {id: free, price: 0, limits: {storage_gb: 2, projects: 3, transfer_gb: 5}}
  - id: plus
    price: {month: 10, year: 96.10}
    limits: {storage_gb: 2000, projects: 50, transfer_gb: 200}
    features: [history]
  - id: team
    price: {month: 18}
    per: seat
    limits: {storage_gb: {per_seat: 1000}, projects: unlimited}
    features: [history, roles]
  - {id: enterprise, price: {year: 7000}, limits: {storage_gb: unlimited, projects: unlimited, transfer_gb: unlimited}}
ladders:
  personal: [free, plus]
  work: [free, team, enterprise]
products:
  - {id: insights, price: {month: 6}}
  - {id: sign, price: {once: 12}}
  - {id: more_storage, price: {month: 3}, adds: {storage_gb: 1000}}
placements: [banner, modal, upgrade_page]
guardrails:
  quiet_when: [onboarding, {open_ticket: 24h}, payment_failed, {cancelling: 1h}]
  caps:
    - {at_most: 3, per: 7d}
    - {at_most: 1, per: 1h, each: offer}
    - {at_most: 2, per: 1d, each: family}
    - {at_most: 3, per: 30d, each: placement}
"""

PLAYBOOK = """
playbook: storage
moments:
  storage_full: {limit: storage_gb, at: [80%, 90%, 100%]}
  transfer_high: {limit: transfer_gb, at: [80%, 100%]}
  projects_full: {limit: projects, at: [100%]}
  first_report: {milestone: exports, reaches: 1, stale_after: 30m}
  more_reports: {milestone: exports, reaches: 2}
  some_reports: {milestone: exports, reaches: 3}
  peak: {milestone: peak_gb, reaches: 7.5}
  first_signature: {milestone: signatures, reaches: 2}
  started: {onboarding: [workspace.created, member.invited], of: account, within: 2s}
  user_started: {onboarding: [document.signed, page.viewed], of: user, within: 14d}
offers:
  more_storage:
    on: [storage_full]
    upgrade_to: next on personal
    family: capacity
    content:
      title: "{meters.storage_gb} of {limit.storage_gb} GB"
      body: "More for {price}."
      otherwise: "Nearly full"
      at_100%: {title: "{limit.storage_gb} GB are full, go to {target}"}
    placements: [banner, upgrade_page]
    after_a_no: wait for higher step
    open_for: 3d
  extra_terabyte: {on: [storage_full], add: more_storage, family: capacity, placements: [upgrade_page], boost: 0.5}
  more_transfer:
    on: [transfer_high]
    upgrade_to: next on personal
    placements: [upgrade_page]
    after_a_no: next_period
  more_projects: {on: [projects_full], upgrade_to: next on work, placements: [banner]}
  report_insights:
    on: [first_report, more_reports, started]
    add: insights
    placements: [modal]
    after_a_no: never
    open_for: 1s
  enterprise_reports: {on: [some_reports], upgrade_to: next, family: for_reports, placements: [banner]}
  for_the_peak: {on: [peak], upgrade_to: enterprise, placements: [modal], boost: 1.25}
  sign_more:
    on: [first_signature, user_started]
    add: sign
    content: {title: "You signed {meters.signatures} times, {price}", otherwise: "You sign"}
    placements: [modal]
    after_a_no: 14d
"""

WITHOUT_PROJECTS = PLAYBOOK.replace("  projects_full: {limit: projects, at: [100%]}\n", "").replace(
    "  more_projects: {on: [projects_full], upgrade_to: next on work, placements: [banner]}\n", ""
)
"""The same, without one of its offers."""

BROKEN = PLAYBOOK.replace("limit: storage_gb", "limit: storge_gb")
"""Names a meter that is not there; refused."""
