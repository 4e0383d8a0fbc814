"""A product document that says all the language has words for, and how it is read by itself."""

from typing import Final

from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.problems import Problem
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems

SEGMENTS: Final = ("at_risk", "new_premium")
WHOLE: Final = """product: files
currency: USD
default_plan: free
history: unknown
terms: {month: 1, year: 12, three_years: 36}

events:
  file.stored: {size_gb: number, format: text?}
  file.shared: {recipient: text, size_gb: number?}
  project.created: {team: text}
  project.deleted: {team: text}
  report.exported: {format: text?, pages: whole}
  member.invited: {}
  task.ran: {urgent: flag}

facts:
  industry: text
  team: {type: whole, default: 1}
  health: number
  vip: {type: flag, default: false}
  currency_paid: {type: text, default: USD}
  goal: {type: number, default: 12.5}

plans:
  - {id: free, price: 0, limits: {storage_gb: 2, projects: 3}}
  - {id: plus, price: {month: 10, year: 96.10}, limits: {storage_gb: 2000, projects: 50}, features: [history]}
  - {id: team, price: {month: 18, year: 180}, per: seat, limits: {storage_gb: {per_seat: 1000}, sharing: seats}}
  - id: enterprise
    price: {year: 6000, three_years: 15000}
    limits: {storage_gb: unlimited}
    features: [docs]
    term_features: {three_years: [support]}
ladders:
  personal: [free, plus]
  work: [free, team, enterprise]
  adoption: [docs, photos, sign]
products:
  - {id: photos, price: {month: 4, year: 40}, goes_with: {plus: 1.4, sign: 2}, sort: tool}
  - {id: sign, price: {month: 8, year: 80}}
  - {id: room, price: {month: 3}, adds: {storage_gb: 1000}, repeat: true}
  - {id: cable, price: {once: 12}}
bundles:
  - {id: creative, items: [photos, sign], price: {month: 9, year: 100}}

meters:
  storage_gb: {sum: size_gb, of: file.stored}
  projects: {count: project.created, less: project.deleted}
  team_projects: {count: project.created, less: project.deleted, by: team}
  sharing: {distinct: recipient, of: file.shared, over: 7d}
  members: {distinct: user, of: member.invited}
  exports: {count: report.exported, where: event.format == 'pdf' && event.pages >= 2}
  invites: {count: member.invited, by: user}
  tasks: {count: task.ran, over: billing_period}
  tasks_today: {count: task.ran, over: day, where: event.urgent}
  largest: {max: size_gb, of: file.stored, over: month}
  newest: {last: size_gb, of: file.stored, over: week}
  active_days: {days_with: any, over: 30d}
  file_days: {days_with: [file.stored, file.shared], over: ever, where: event.size_gb > 1}
  invite_days: {days_with: member.invited}
in_use: {photos: meters.file_days >= 3, docs: known(account.industry)}

levels:
  engagement:
    - high: meters.active_days >= 12
    - medium: meters.active_days >= 4
    - low: otherwise
  size:
    - large: account.team >= 10
    - small: otherwise
placements: [banner, modal, csm]

guardrails:
  quiet_when: [onboarding, {open_ticket: 24h}, renewal_week, at_risk, {not engagement.high: 2d}]
  not_before: {account.age: 3d, meters.exports: 1, account.team: 2}
  caps:
    - {at_most: 1, per: 4h}
    - {at_most: 3, per: week, for: engagement.high && size.large}
    - {at_most: 2, per: 30d, each: user}
    - {at_most: 1, per: 14d, of: highlight, for: new_premium}
  back_off: {after: 3, wait: 14d}
  price_step: 3x
  first_price: 20
weights:
  context: {success: 1.6, limit: 1.4, other: 0.9}
  match: 2.5
  value: {from: 0.25, to: 4}
holdout: {share: 5%, salt: autumn}
"""


def reading(text: str, segments: tuple[str, ...] = SEGMENTS) -> tuple[Product, Problems]:
    """The document as read, and what was found."""
    problems = Problems()
    return read_product(read("product.yaml", text), problems, segments), problems


def faults(text: str) -> list[Problem]:
    """What is wrong with the document in any version, in its order."""
    return sorted(reading(text)[1].found)
