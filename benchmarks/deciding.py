"""What one decision takes when a playbook has a thousand offers, all of them put forward by the same moment.

Pure CPU of this very process, without a broker: the core is handed the event that fires the moment, of one account
after another, and the decision is encoded as it would be sent. Everything that judging asks about is there: segments,
levels, quiet states, caps for some of the accounts, and a condition of its own for each offer.
"""

from __future__ import annotations

import gc
from decimal import Decimal
from time import thread_time_ns
from typing import TYPE_CHECKING, Final, cast

from benchmarks import job
from benchmarks.rates import Spread, percentile, percentiles
from benchmarks.table import Goal, Row
from schemas.codec import encode
from schemas.decisions import Decided
from schemas.facts import AttributeSet, PlanChanged
from services.trigger_engine.__main__ import GC_EVERY
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Clocks, Origin, Usage
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.sets import compile_set

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from schemas.facts import Fact
    from services.trigger_engine.domain.playbook.sets import CompiledSet

START_US: Final = 1_772_355_600_000_000
"""2026-03-01 09:00 UTC."""

INDUSTRIES: Final = 40
SEGMENTS: Final = 20
DECISION_MS: Final = 5.0
WARM: Final = 20
"""Decisions that are not measured: the first of each kind compiles and allocates."""


def rows(rounds: int, count: int) -> list[Row]:
    """The rows of the table, of so many decisions a round."""
    few, made = rules(20), []
    for told, moments in (("50 of them", 20), ("all of them", 1)):
        many, ends = rules(1_000, moments), []
        took: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(rounds):
            for more, tried in enumerate((few, many)):
                found = times(tried, count)
                took[bool(more)].extend(found)
                ends.append(percentile(found, 0.99))
        ratio = Spread(tuple(ours / reference for reference, ours in zip(ends[::2], ends[1::2], strict=True)))
        name = f"a decision with 1,000 offers in the playbook, {told} at the moment, CPU, p99; 20 offers at the moment"
        worst = Spread(tuple(ends[1::2])).median
        told_as = percentiles(took[True], 1), percentiles(took[False], 1)
        made.append(Row(name, ratio, *told_as, Goal.AT_MOST, DECISION_MS, worst, " ms"))
    return made


class Holdings:
    """The slices of accounts, as the core asks for them."""

    def __init__(self) -> None:
        self.accounts: dict[str, AccountSlice] = {}
        self.parts: dict[tuple[str, ...], UserSlice] = {}
        self.bounds: Reached = Reached()

    def account(self, account: str) -> AccountSlice:
        """The account's slice."""
        return self.accounts.setdefault(account, AccountSlice())

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one of its users."""
        return self.parts.setdefault((account, user), UserSlice())

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        """The slice of those of whom the property is this."""
        return self.parts.setdefault((account, prop, value), UserSlice())

    def erase(self, account: str, at: int) -> None:
        """Nobody asks for this here."""
        raise NotImplementedError


def rules(offers: int, moments: int = 1) -> CompiledSet:
    """A set of so many offers, put forward by so many moments in equal shares."""
    return compile_set([("product.yaml", _product()), ("playbook.yaml", _playbook(offers, moments))], 1)


def _product() -> str:
    return """
product: measured
currency: USD
default_plan: free
events:
  report.exported: {}
  file.stored: {size_gb: number}
facts: {industry: text, health: number, team: {type: whole, default: 1}}
meters:
  exports: {count: report.exported}
  storage_gb: {sum: size_gb, of: file.stored}
plans:
  - {id: free, price: 0, limits: {storage_gb: 10}}
  - {id: plus, price: {month: 10}, limits: {storage_gb: 100}}
  - {id: pro, price: {month: 30}, limits: {storage_gb: 1000}}
ladders: {personal: [free, plus, pro]}
products:
  - {id: photos, price: {month: 4}}
  - {id: sign, price: {month: 8}}
levels:
  engagement:
    - high: meters.exports >= 12
    - low: meters.exports >= 1
    - disengaged: otherwise
placements: [banner, modal, upgrade_page]
guardrails:
  quiet_when: [onboarding, {open_ticket: 24h}, cancelling, payment_failed, at_risk]
  not_before: {account.age: 3d}
  caps:
    - {at_most: 1, per: 4h}
    - {at_most: 3, per: week, for: engagement.high}
    - {at_most: 1, per: week, for: engagement.low}
    - {at_most: 2, per: 30d, each: family}
    - {at_most: 2, per: 30d, each: placement}
  back_off: {after: 3, wait: 14d}
  price_step: 5x
"""


def _playbook(offers: int, moments: int) -> str:
    lines = ["playbook: measured", "moments:"]
    lines += [f"  m{n}: {{milestone: exports, reaches: {n + 1}}}" for n in range(moments)]
    lines += ["segments:", "  at_risk: account.health < 30.0"]
    lines += [f"  s{n}: account.team > {n} && account.industry != 'i{n}'" for n in range(SEGMENTS)]
    lines.append("offers:")
    for n in range(offers):
        does = ("upgrade_to: next on personal", "add: photos", "add: sign")[n % 3]
        who = f"account.industry == 'i{n % INDUSTRIES}' || s{n % SEGMENTS}"
        beside = f"family: f{n % 50}, placements: [{('banner', 'modal', 'upgrade_page')[n % 3]}], boost: 1.{n % 9}"
        lines.append(f'  o{n}: {{on: [m{n % moments}], {does}, for: "{who}", {beside}}}')
    return "\n".join(lines) + "\n"


def times(made_of: CompiledSet, count: int) -> list[float]:
    """Milliseconds of CPU that each of ``count`` decisions took, until all that came of it was ready to be sent.

    Garbage is looked for as often as in the engine.
    """
    usual = gc.get_threshold()
    gc.set_threshold(GC_EVERY, *usual[1:])
    try:
        return _times(made_of, count)
    finally:
        gc.set_threshold(*usual)


def _times(made_of: CompiledSet, count: int) -> list[float]:
    core, holdings = Core(made_of), Holdings()
    found = []
    for number in range(count + WARM):
        account = f"account {number}"
        _introduce(core, holdings, account, number)
        usage = Usage("bench", f"{number}", "report.exported", account, START_US, None, Decimal(1))
        began = thread_time_ns()
        events = core.on_usage(holdings, usage, Origin("usage", 0, number), Clocks(START_US, 0))
        for event in events:
            encode(event)
        ended = thread_time_ns()
        _check(events)
        if number >= WARM:
            found.append((ended - began) / 1e6)
    return found


def _introduce(core: Core, holdings: Holdings, account: str, number: int) -> None:
    """Facts about an account, so that conditions have something to read."""
    facts: tuple[tuple[type[Envelope], dict[str, object]], ...] = (
        (PlanChanged, {"plan": "plus", "term": "month"}),
        (AttributeSet, {"name": "industry", "value": f"i{number % INDUSTRIES}"}),
        (AttributeSet, {"name": "health", "value": 80}),
        (AttributeSet, {"name": "team", "value": 1 + number % SEGMENTS}),
    )
    for place, (kind, data) in enumerate(facts):
        fact = kind.model_validate(
            {
                "specversion": "1.0",
                "type": kind.model_fields["type"].default,
                "id": f"{number}-{place}",
                "source": "bench",
                "subject": account,
                "time": to_datetime(START_US - 10 * job.DAY_US),
                "data": data,
            }
        )
        core.on_fact(holdings, cast("Fact", fact), Origin("usage", 0, place), Clocks(START_US - 10 * job.DAY_US, 0))


def _check(events: list[Envelope]) -> None:
    """What is measured is a decision, and an offer comes of it."""
    if not isinstance(events[0], Decided) or events[0].data.verdict != "offered":
        raise AssertionError("nothing was offered")
