"""A playbook that says all the language has words for, over the whole product, and how it is read and checked."""

# ruff: noqa: E501 - a moment a line, as operators write it

from functools import lru_cache
from typing import Final

from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.playbook_checks import check_playbook
from services.trigger_engine.domain.playbook.playbook_reader import Playbook, read_playbook
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems
from tests.trigger_engine.domain.playbook.whole_product import SEGMENTS, WHOLE

PLAYBOOK: Final = """playbook: storage
about: Upgrade moments of a file storage product

moments:
  storage_full:  {limit: storage_gb, at: [80%, 90%, 100%], again_after: [plan_change, below 70%]}
  blocked:       {attempt: project.created, of: projects}
  first_report:  {milestone: exports, reaches: 1, stale_after: 30m}
  goal_reached:  {milestone: storage_gb, reaches: account.goal}
  inviting:      {milestone: invites, reaches: 3}
  onboarded:     {onboarding: [project.created, file.stored, member.invited], of: account, starts: account.created, order: any, within: 14d}
  photos_known:  {onboarding: [file.shared], of: photos, within: 7d}
  user_started:  {onboarding: [file.stored, file.shared], of: user, order: as_written, starts: member.invited, within: 3d}
  sharing_habit: {habit: sharing, reaches: 5}
  growing:       {growth: tasks, by: 50%, of: month, periods: 2, from: 100}
  one_year:      {tenure: account.plan_since, reaches: 12 months}
  running_out:   {forecast: storage_gb, within: 10d, confidence: 90%}
  team_grew:     {becomes: account.team >= 3 && meters.tasks > 5}
  tried_both:    {sequence: [file.stored, file.shared], within: 7d}
  stalled:       {absence: file.shared, after: file.stored, within: 7d}
  csm_agreed:    {outcome: accepted, of: ask_csm, within: 14d}
  said_no:       {outcome: dismissed, of: more_storage}

segments:
  at_risk: known(account.health) && account.health < 0.5
  new_premium: account.plan == 'plus' && account.age < 30d
  small_team: account.team > 1 && account.team < 10 && not at_risk

guardrails:
  quiet_when: [small_team, {open_ticket: 48h}]
  caps: [{at_most: 1, per: week}]
  price_step: 2x

offers:
  more_storage:
    on: [storage_full]
    upgrade_to: next on personal
    for: not small_team
    family: capacity
    content:
      title: "You have used {meters.storage_gb} of {limit.storage_gb} GB"
      body: "More room for {price}"
      otherwise: "You are close to your storage limit"
      at_100%: {title: "Your {limit.storage_gb} GB are full"}
      variant_b: {title: "Room for more?"}
    placements: [banner, modal]
    after_a_no: wait for higher step
    open_for: 3d
    boost: 1.3
    propensity: 0.04
    variants: {a: 50%, b: 50%}
    runs: {from: 2026-11-01, until: 2026-12-01}
    stop_if: {dismissed: 40%, tickets: +20%, after: 200}
    report_by: [engagement, term, small_team, industry]
  less_room: {on: [said_no], add: room, not_before: {meters.storage_gb: 1}, after_a_no: never}
  projects_plan: {on: [blocked], upgrade_to: next on personal}
  team_plan: {on: [sharing_habit], upgrade_to: team, for: account.plan == 'free'}
  fitting_plan: {on: [running_out], upgrade_to: fitting, content: {title: "Full on {forecast.date}"}}
  supported: {on: [growing], upgrade_to: {unlocks: support}, content: {title: "{growth.percent} more"}}
  photos_offer: {on: [first_report, goal_reached, onboarded], add: photos}
  with_it: {on: [photos_known], add: complement}
  both: {on: [tried_both], bundle: creative, content: {title: "Both, and {saving} less", otherwise: Both together}}
  five_seats: {on: [team_grew], seats: 5}
  seats_for_all: {on: [team_grew], seats: fitting}
  a_year: {on: [one_year], term: next, not_before: {meters.exports: 1}, after_a_no: next_period}
  three_years: {on: [one_year], term: three_years, not_before: {account.age: 300d, meters.exports: 10}, after_a_no: 90d}
  look: {on: [user_started], highlight: history, for: meters.invites >= 1}
  help: {on: [stalled], nurture: sharing_basics, for: engagement.low}
  ask_csm: {on: [growing], task: csm, note: "Tasks grew {growth.percent}", due: 2d}
  call: {on: [csm_agreed], task: csm, not_before: {meters.tasks: 1}}
  suite: {on: [inviting], choose_from: [photos, creative, enterprise], mark: creative, order: as_written}
"""


@lru_cache(maxsize=64)
def product_of(text: str) -> Product:
    """The product document, which has no fault."""
    problems = Problems()
    product = read_product(read("product.yaml", text), problems, SEGMENTS)
    assert problems.found == []
    return product


def reading(text: str, product: str = WHOLE) -> tuple[Playbook, Problems]:
    """The playbook as read against the product, and what was found."""
    problems = Problems()
    return read_playbook(read("p.yaml", text), product_of(product), problems), problems


def faults(text: str, product: str = WHOLE) -> list[str]:
    """What can not be read of the playbook, in its order."""
    return told(reading(text, product)[1])


def checked(text: str, product: str = WHOLE) -> Problems:
    """What a playbook that can be read is told when it is checked."""
    playbook, problems = reading(text, product)
    assert problems.found == []
    check_playbook(playbook, product_of(product), problems)
    return problems


def told(problems: Problems) -> list[str]:
    """The errors, in the order of the document, without its name."""
    return [str(problem).removeprefix("p.yaml:") for problem in sorted(problems.found)]
