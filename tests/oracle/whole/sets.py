"""A set that uses every word of the language, and sets that may come after it."""

from __future__ import annotations

from typing import Final

PRODUCT: Final = """
product: files
currency: EUR
default_plan: free
history: starts_empty
terms: {month: 1, year: 12, two_years: 24}
events:
  file.stored: {size_gb: number, format: text?}
  file.shared: {recipient: text, folder: text}
  link.downloaded: {size_gb: number}
  project.created: {}
  project.deleted: {}
  report.exported: {format: text}
  document.signed: {}
  member.invited: {}
  task.ran: {cost: number?, done: flag?}
  photo.edited: {}
  page.viewed: {}
  help.asked: {}
facts:
  industry: text
  team: {type: whole, default: 1}
  health: number
  goal: number
  vip: {type: flag, default: false}
meters:
  storage_gb: {sum: size_gb, of: file.stored}
  biggest_gb: {max: size_gb, of: file.stored}
  newest_gb: {last: size_gb, of: file.stored}
  transfer_gb: {sum: size_gb, of: link.downloaded, over: billing_period}
  projects: {count: project.created, less: project.deleted}
  exports: {count: report.exported}
  pdfs: {count: report.exported, where: event.format == 'pdf'}
  recipients: {distinct: recipient, of: file.shared}
  sharing: {distinct: recipient, of: file.shared, over: 7d}
  active_days: {days_with: any, over: 30d}
  days_at_work: {days_with: [task.ran, photo.edited], over: month}
  tasks: {count: task.ran, over: month}
  tasks_today: {count: task.ran, over: day}
  spend: {sum: cost, of: task.ran, over: 7d}
  peak_cost: {max: cost, of: task.ran, over: week}
  last_cost: {last: cost, of: task.ran, over: 14d}
  signatures: {count: document.signed, by: user}
  signed_lately: {count: document.signed, by: user, over: 14d}
  days_signing: {days_with: document.signed, by: user, over: week}
  in_folder: {count: file.shared, by: folder}
  shared_in: {distinct: recipient, of: file.shared, by: folder, over: month}
  members: {distinct: user, of: member.invited}
  edits: {count: photo.edited, over: billing_period}
plans:
  - {id: free, price: 0, limits: {storage_gb: 8, projects: 3, transfer_gb: 5, tasks_today: 6, spend: 60}}
  - id: plus
    price: {month: 10, year: 96.10}
    limits: {storage_gb: 40, projects: 8, transfer_gb: 50, tasks_today: 12, spend: 100}
    features: [history]
  - id: team
    price: {month: 18, year: 180, two_years: 300}
    per: seat
    limits: {storage_gb: {per_seat: 10}, members: seats, projects: unlimited, tasks_today: 40, spend: {per_seat: 50}}
    features: [history, roles]
    term_features: {two_years: [dedicated_support]}
  - id: enterprise
    price: {year: 1200, two_years: 2000}
    limits: {storage_gb: unlimited, projects: unlimited, transfer_gb: unlimited, spend: unlimited}
    features: [history, roles, docs]
ladders:
  personal: [free, plus]
  work: [free, team, enterprise]
  adoption: [history, photos, sign]
  storing: [more_storage, cable]
in_use:
  history: meters.exports >= 1
  photos: meters.edits >= 2 || account.health > 5
  more_storage: meters.storage_gb > 2
products:
  - {id: photos, price: {month: 4}, goes_with: {plus: 1.4, team: 1.25}, sort: tool}
  - {id: sign, price: {month: 8, year: 77}, goes_with: {photos: 1.7}, sort: tool}
  - {id: more_storage, price: {month: 3}, adds: {storage_gb: 10}, repeat: true}
  - {id: cable, price: {once: 12}, goes_with: {photos: 2.2, more_storage: 1.1}}
bundles:
  - {id: creative, items: [photos, sign], price: {month: 9}}
  - {id: all_in, items: [photos, sign, more_storage], price: {month: 11}}
levels:
  engagement:
    - high: meters.active_days >= 6 && account.team > 1
    - medium: meters.active_days >= 2
    - low: meters.active_days >= 1
    - disengaged: otherwise
  fitness:
    - weak: account.health < 3
    - fine: otherwise
placements: [banner, modal, upgrade_page, csm]
guardrails:
  quiet_when:
    - onboarding
    - {open_ticket: 24h}
    - payment_failed
    - {cancelling: 2d}
    - renewal_week
    - {overdrawn: 12h}
  not_before: {account.age: 6h}
  caps:
    - {at_most: 4, per: 7d}
    - {at_most: 3, per: week, for: engagement.high}
    - {at_most: 1, per: day}
    - {at_most: 1, per: 14d, each: family}
    - {at_most: 1, per: 3h, each: offer}
    - {at_most: 5, per: month, each: placement}
    - {at_most: 1, per: week, each: user}
    - {at_most: 1, per: 2d, of: highlight}
  back_off: {after: 3, wait: 2d}
  price_step: 6x
  first_price: 15
weights:
  context: {success: 1.5, limit: 1.4, other: 1.0}
  match: 1.8
  value: {from: 0.5, to: 2.5}
holdout: {share: 12%}
"""

LIMITS: Final = """
playbook: limits
about: What comes near its end
moments:
  storage_full: {limit: storage_gb, at: [80%, 90%, 100%], again_after: [plan_change, below 60%]}
  transfer_high: {limit: transfer_gb, at: [50%, 100%]}
  projects_full: {limit: projects, at: [100%], stale_after: 2h}
  busy_day: {limit: tasks_today, at: [50%, 100%]}
  spent: {limit: spend, at: [70%, 100%]}
  blocked: {attempt: project.created, of: projects}
  blocked_today: {attempt: task.ran, of: tasks_today}
  running_out: {forecast: storage_gb, within: 14d, confidence: 60%}
  more_members: {limit: members, at: [100%]}
segments:
  small_team: account.team > 1 && account.team < 10
  overdrawn: meters.spend > 90 || (known(account.industry) && account.industry == 'bank')
guardrails:
  quiet_when: [{open_ticket: 36h}]
  caps:
    - {at_most: 3, per: 7d}
offers:
  more_room:
    on: [storage_full]
    upgrade_to: next on personal
    for: not small_team
    family: capacity
    content:
      title: "{meters.storage_gb} of {limit.storage_gb} GB"
      body: "More for {price}."
      otherwise: "Nearly full"
      at_100%: {title: "{limit.storage_gb} GB are full, go to {target}"}
    placements: [banner, upgrade_page]
    after_a_no: wait for higher step
    open_for: 3d
  extra_room: {on: [storage_full], add: more_storage, family: capacity, placements: [upgrade_page], boost: 0.5}
  team_room: {on: [storage_full, spent], upgrade_to: fitting, family: capacity, placements: [modal]}
  more_transfer:
    on: [transfer_high]
    upgrade_to: next on personal
    placements: [upgrade_page]
    after_a_no: next_period
  more_projects: {on: [projects_full], upgrade_to: next on work, placements: [banner], open_for: 2d}
  unblock_projects: {on: [blocked], upgrade_to: plus, placements: [banner], open_for: 2d}
  more_tasks:
    on: [busy_day, blocked_today]
    upgrade_to: next on work
    for: account.plan == 'free'
    placements: [modal]
  before_it_is_full:
    on: [running_out]
    upgrade_to: fitting
    content: {title: "At this pace your storage is full on {forecast.date}"}
    placements: [banner]
  seats_for_all: {on: [more_members], seats: fitting, placements: [modal], open_for: 2d}
  room_or_plan:
    on: [spent]
    choose_from: [team, plus, enterprise]
    mark: team
    placements: [banner]
"""

GROWTH: Final = """
playbook: growth
moments:
  first_report: {milestone: exports, reaches: 1, stale_after: 30m}
  reached_goal: {milestone: recipients, reaches: account.goal}
  pdf_lover: {milestone: pdfs, reaches: 3}
  signer: {milestone: signatures, reaches: 2}
  big_file: {milestone: biggest_gb, reaches: 2.5}
  sharing_habit: {habit: sharing, reaches: 3}
  working_habit: {habit: days_at_work, reaches: 4}
  signing_habit: {habit: signed_lately, reaches: 3}
  folder_habit: {habit: shared_in, reaches: 2}
  editing_habit: {habit: edits, reaches: 4}
  busy_at_all: {habit: tasks, reaches: 5}
  growing: {growth: tasks, by: 20%, of: week, periods: 1, from: 2}
  growing_daily: {growth: storage_gb, by: 10%, of: day, periods: 2, from: 0.2}
  folders_grow: {growth: in_folder, by: 50%, of: day, periods: 1, from: 1}
  one_quarter: {tenure: account.created, reaches: 3 months}
  plan_month: {tenure: account.plan_since, reaches: 1 months}
  term_month: {tenure: account.term_since, reaches: 1 months}
  tried_both: {sequence: [file.stored, file.shared, report.exported], within: 3d}
segments:
  on_their_own: account.team <= 1
  friendly: known(account.health) && account.health >= 7
guardrails:
  not_before: {account.age: 1d}
  price_step: 5x
offers:
  photos_and_sign:
    on: [first_report, tried_both, reached_goal]
    bundle: creative
    placements: [banner, modal]
    content:
      title: Photos and signatures go well together
      body: "You save {saving}."
      otherwise: Together they are more
      variant_b: {title: Send it signed, otherwise: Sign}
    variants: {a: 50%, b: 50%}
    report_by: [engagement, term, plan, industry, friendly]
  whole_bundle: {on: [big_file], bundle: all_in, placements: [upgrade_page], after_a_no: never}
  next_thing: {on: [reached_goal, editing_habit], upgrade_to: next on adoption, placements: [upgrade_page]}
  what_goes_with_it: {on: [pdf_lover, first_report], add: complement, placements: [modal], propensity: 0.3}
  suite:
    on: [sharing_habit]
    choose_from: [photos, creative, sign]
    mark: creative
    order: cheapest_first
    placements: [modal]
  sign_it:
    on: [signer, signing_habit]
    add: sign
    for: total(meters.signatures) >= 3
    content: {title: "You signed {meters.signatures} times, {price}", otherwise: "You sign a lot"}
    placements: [modal]
    after_a_no: 3d
  by_the_year: {on: [one_quarter, plan_month], term: next, not_before: {meters.exports: 1}, placements: [upgrade_page]}
  longer: {on: [term_month], term: two_years, for: meters.exports >= 1, placements: [upgrade_page], boost: 1.5}
  roles: {on: [folder_habit, folders_grow], upgrade_to: {unlocks: roles}, for: on_their_own, placements: [banner]}
  grow_up:
    on: [growing, growing_daily]
    upgrade_to: next on work
    content: {title: "You grew by {growth.percent}"}
    placements: [banner]
    propensity: 0.7
  two_more_seats: {on: [busy_at_all], seats: 2, placements: [modal], runs: {from: 2026-03-10, until: 2026-04-20}}
  show_history: {on: [working_habit, editing_habit], highlight: history, placements: [banner], open_for: 1d}
"""

CARE: Final = """
playbook: care
moments:
  started: {onboarding: [project.created, file.stored, member.invited], of: account, within: 5d}
  signed_up:
    onboarding: [file.stored, report.exported]
    of: account
    starts: account.created
    order: as_written
    within: 10d
  signing: {onboarding: [document.signed, page.viewed], of: user, within: 14d}
  photographing: {onboarding: [photo.edited, file.shared], of: photos, starts: page.viewed, within: 4d}
  stalled: {absence: file.shared, after: file.stored, within: 4d}
  silent: {absence: report.exported, after: help.asked, within: 1d, stale_after: 3d}
  grew: {growth: exports, by: 10%, of: week, periods: 1, from: 1}
  team_grew: {becomes: account.team >= 3}
  three_users: {becomes: account.user_count >= 3 && not on_holiday}
  working: {becomes: meters.tasks_today >= 2 || meters.days_at_work >= 3}
  older: {becomes: account.age >= 20d && meters.exports >= 1, stale_after: 3d}
  help_taken: {outcome: accepted, of: ask_csm, within: 10d}
  room_refused: {outcome: dismissed, of: photos_after_start}
  help_ignored: {outcome: ignored, of: help_to_share}
segments:
  weak: fitness.weak
  on_holiday: known(account.industry) && account.industry == 'travel'
  paying: account.plan != 'free' && account.price > 0.0
offers:
  photos_after_start: {on: [started, signed_up], add: photos, placements: [modal], not_before: {meters.exports: 1}}
  sign_after_start: {on: [signing], add: sign, placements: [modal], for: not weak}
  cable_for_files: {on: [started], add: cable, placements: [banner]}
  sign_after_photos: {on: [photographing], add: sign, placements: [banner], for: not paying}
  help_to_share:
    on: [stalled]
    nurture: sharing_basics
    for: not engagement.high
    placements: [banner]
  sign_for_teams: {on: [team_grew], add: sign, placements: [banner], not_before: {meters.exports: 1}}
  team_plan: {on: [three_users, older], upgrade_to: next on work, placements: [modal], for: account.user_count <= 4}
  cable_for_work: {on: [working], add: cable, placements: [upgrade_page], open_for: 1d}
  after_the_call: {on: [help_taken], upgrade_to: fitting, placements: [modal], not_before: {meters.exports: 1}}
  call_again: {on: [help_ignored], task: csm, note: "{meters.projects} projects"}
  instead: {on: [room_refused], add: cable, family: other, placements: [modal], for: meters.exports >= 1}
  ask_csm:
    on: [silent, stalled, grew]
    task: csm
    note: "{meters.projects} projects, grew {growth.percent}"
    due: 2d
"""

FIRST: Final = (PRODUCT, LIMITS, GROWTH)
"""The set that is published before anything happens."""

CALMER: Final = (
    PRODUCT.replace("holdout: {share: 12%}", "holdout: {share: 60%, salt: again}")
    .replace("{at_most: 4, per: 7d}", "{at_most: 2, per: 7d}")
    .replace("open_ticket: 24h", "open_ticket: 3d")
)
FEWER_MOMENTS: Final = GROWTH.replace("  folder_habit: {habit: shared_in, reaches: 2}\n", "").replace(
    "on: [folder_habit, folders_grow]", "on: [folders_grow]"
)
FEWER_OFFERS: Final = LIMITS.replace(
    "  extra_room: {on: [storage_full], add: more_storage, family: capacity, placements: [upgrade_page], boost: 0.5}\n",
    "",
)
OTHER_METERS: Final = PRODUCT.replace("{count: task.ran, over: month}", "{count: task.ran, over: week}").replace(
    "spend: {sum: cost, of: task.ran, over: 7d}", "spend: {sum: cost, of: task.ran, over: 3d}"
)
BROKEN: Final = LIMITS.replace("limit: storage_gb", "limit: storge_gb")

LATER_SETS: Final = (
    FIRST,
    (CALMER, LIMITS, GROWTH, CARE),
    (PRODUCT, LIMITS, FEWER_MOMENTS, CARE),
    (PRODUCT, FEWER_OFFERS, GROWTH, CARE),
    (OTHER_METERS, LIMITS, GROWTH, CARE),
    (PRODUCT, BROKEN, GROWTH, CARE),
)
"""Sets that may come after it; the last one is refused."""
