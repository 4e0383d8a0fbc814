"""The engine worked by a rule other than the one written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.oracle.mutations.making import Mutation
from tests.oracle.mutations.rules import other_rules

if TYPE_CHECKING:
    from tests.oracle.tampering import Tampering

WRITTEN: Final[dict[str, tuple[str, str]]] = {
    # guardrails, holdout, weights
    "a cap of a day is one higher": ("{at_most: 1, per: day}", "{at_most: 2, per: day}"),
    "a cap of days that roll is one lower": ("{at_most: 4, per: 7d}", "{at_most: 3, per: 7d}"),
    "a cap is each family's": ("{at_most: 1, per: 14d, each: family}", "{at_most: 1, per: 14d, each: offer}"),
    "a cap is each user's": ("{at_most: 1, per: week, each: user}", "{at_most: 1, per: week}"),
    "a cap of a verb is of another": ("per: 2d, of: highlight", "per: 2d, of: upgrade_to"),
    "it backs off after one more": ("back_off: {after: 3, wait: 2d}", "back_off: {after: 4, wait: 2d}"),
    "it backs off longer": ("back_off: {after: 3, wait: 2d}", "back_off: {after: 3, wait: 3d}"),
    "it cools down later": ("{open_ticket: 24h}", "{open_ticket: 40d}"),
    "a playbook is quiet no longer than all": ("quiet_when: [{open_ticket: 36h}]", "quiet_when: [{open_ticket: 30h}]"),
    "it is too early for less long": ("not_before: {account.age: 6h}", "not_before: {account.age: 5m}"),
    "a step of a price is steeper": ("price_step: 5x", "price_step: 9x"),
    "a first price is higher": ("first_price: 15", "first_price: 300"),
    "more are held out": ("holdout: {share: 12%}", "holdout: {share: 30%}"),
    "others are held out": ("holdout: {share: 12%}", "holdout: {share: 12%, salt: other}"),
    "a match counts less": ("match: 1.8", "match: 1.7"),
    "what it is worth is bounded elsewhere": ("value: {from: 0.5, to: 2.5}", "value: {from: 0.6, to: 2.4}"),
    "the moment counts more": ("context: {success: 1.5", "context: {success: 1.6"),
    # meters
    "a meter counts other events": ("where: event.format == 'pdf'", "where: event.format == 'csv'"),
    "a window rolls for longer": ("of: file.shared, over: 7d}", "of: file.shared, over: 8d}"),
    "a month is a week": ("[task.ran, photo.edited], over: month}", "[task.ran, photo.edited], over: week}"),
    "a meter has less": ("{count: project.created, less: project.deleted}", "{count: project.created}"),
    "a meter is of other groups": ("{count: file.shared, by: folder}", "{count: file.shared, by: recipient}"),
    # moments
    "a step lies elsewhere": ("at: [80%, 90%, 100%]", "at: [70%, 90%, 100%]"),
    "a limit fires again sooner": ("again_after: [plan_change, below 60%]", "again_after: [plan_change, below 79%]"),
    "an attempt is at another limit": ("{attempt: project.created, of", "{attempt: file.stored, of"),
    "a goal is another fact": ("reaches: account.goal", "reaches: account.health"),
    "a habit begins later": ("{habit: sharing, reaches: 3}", "{habit: sharing, reaches: 4}"),
    "it grew by more": ("{growth: exports, by: 10%", "{growth: exports, by: 300%"),
    "it grew for longer": ("of: day, periods: 1, from: 1", "of: day, periods: 2, from: 1"),
    "a tenure is longer": ("account.created, reaches: 3 months}", "account.created, reaches: 2 months}"),
    "it is foreseen with less": ("within: 14d, confidence: 60%", "within: 14d, confidence: 95%"),
    "it is foreseen for longer": ("within: 14d, confidence: 60%", "within: 3d, confidence: 60%"),
    "a sequence takes longer": ("report.exported], within: 3d", "report.exported], within: 4d"),
    "an absence is shorter": ("after: file.stored, within: 4d", "after: file.stored, within: 3d"),
    "an onboarding takes longer": ("of: account, within: 5d", "of: account, within: 6d"),
    "first steps have no order": ("order: as_written", "order: any"),
    "a moment stays fresh": ("{milestone: exports, reaches: 1, stale_after: 30m}", "{milestone: exports, reaches: 1}"),
    # segments, levels, what is sold
    "a level begins elsewhere": ("medium: meters.active_days >= 2", "medium: meters.active_days >= 3"),
    "a segment is wider": ("account.team <= 1", "account.team <= 2"),
    "a fact has another default": ("team: {type: whole, default: 1}", "team: {type: whole, default: 2}"),
    "something is in use later": ("history: meters.exports >= 1", "history: meters.exports >= 4"),
    "something goes with it better": ("photos: 2.2, more_storage: 1.1", "photos: 2.2, more_storage: 1.2"),
    "a bundle costs more": ("items: [photos, sign], price: {month: 9}", "items: [photos, sign], price: {month: 10}"),
    "a longer term costs more": ("price: {month: 10, year: 96.10}", "price: {month: 10, year: 97}"),
    "a seat gives more": ("storage_gb: {per_seat: 10}", "storage_gb: {per_seat: 11}"),
    # offers
    "it is for others": ("for: account.plan == 'free'", "for: account.plan != 'free'"),
    "variants have other shares": ("variants: {a: 50%, b: 50%}", "variants: {a: 5%, b: 95%}"),
    "it is run for longer": ("until: 2026-04-20", "until: 2026-05-20"),
    "it is less likely": ("propensity: 0.3", "propensity: 0.4"),
    "it has less of a lever": ("boost: 0.5", "boost: 0.6"),
    "it is of another family": ("family: capacity, placements: [modal]", "placements: [modal]"),
    "another one is marked": ("mark: creative", "mark: photos"),
    "it is shown in another order": ("order: cheapest_first", "order: most_expensive_first"),
    "a task is due sooner": ("due: 2d", "due: 1d"),
    "results are told apart otherwise": ("report_by: [engagement, term, plan", "report_by: [engagement, term"),
}  # fmt: skip
"""What is written, and what the engine must then have gone by."""


def _ruled(name: str) -> Mutation:
    def mutate(logs: Tampering) -> None:
        other_rules(logs, *WRITTEN[name])

    return Mutation(name, mutate, frozenset())


MUTATIONS: Final[dict[str, Mutation]] = {name: _ruled(name) for name in WRITTEN}
"""Each must be found in one way or another."""
