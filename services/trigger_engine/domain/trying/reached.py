"""How many accounts the offers of a set would reach, as far as decisions that were made can tell.

A decision knows which moments fired, and of each offer of the set that was in force how far it came. So of an offer
whose text has not changed since, it is known what became of it. Of one that is new, or says something else now, it is
known who had its moment, and which of those were to be left alone whatever the offer: the others are an upper bound.
A moment that is new, or counts something else now, can not be known of at all: it takes a replay of events.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from schemas.decisions import Candidate, Decision, Reason, Stage
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.conditions.kinds import Kind, Value
from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.deciding.gates import GATES
from services.trigger_engine.domain.deciding.record import Told
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Quiet
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.trying.moved import Before, Moved
from services.trigger_engine.domain.trying.tally import Accounts, MomentTally, OfferTally, is_held_out

ACCOUNT: Final = f"{Scope.ACCOUNT}."
METERS: Final = f"{Scope.METERS}."
QUIET_STATES: Final = frozenset(quiet.value for quiet in Quiet)


@dataclass(slots=True)
class Reached:
    """One offer on one moment. ``fired`` counts only decisions in which the moment meant what it means now.

    ``decided`` is what became of the offer under the very text it has now; ``moved`` what differed at other times. Of
    those, ``could`` says by account what would have stopped it in its last decision whatever the offer; None when
    nothing would. ``otherwise``: accounts that had a moment of this name when it meant something else.
    """

    offer: str
    moment: str
    fired: MomentTally | None = None
    decided: OfferTally = field(default_factory=OfferTally)
    moved: set[Moved] = field(default_factory=set)
    is_new: bool = False
    could: dict[int, Reason | None] = field(default_factory=dict)
    otherwise: set[int] = field(default_factory=set)

    @property
    def at_most(self) -> int:
        """How many accounts it could have reached where another text, or none, was in force."""
        return sum(reason is None for reason in self.could.values())

    def stopped(self) -> Counter[Reason]:
        """The accounts that it could not have reached there, by the reason."""
        return Counter(reason for reason in self.could.values() if reason is not None)


class Reach:
    """Is told of decisions, in their order, and says what they mean for the offers of ``rules``.

    ``in_force`` gives the set of a version; None when nobody knows it any more, and then it is ``unknown``.
    ``company_moved``: beside an offer that has not changed others have, so that who wins between them may differ.
    """

    def __init__(self, rules: CompiledSet, in_force: Callable[[int], CompiledSet | None], accounts: Accounts) -> None:
        self.unknown: set[int] = set()
        self.company_moved = False
        self._rules = rules
        self._in_force = in_force
        self._accounts = accounts
        self._offers = rules.by_name
        self._rows = {
            (offer.name, moment): Reached(offer.name, moment) for offer in self._offers.values() for moment in offer.on
        }
        self._olds: dict[int, Before | None] = {}

    def rows(self) -> list[Reached]:
        """Each offer on each of its moments, in the order of the set."""
        return list(self._rows.values())

    def knows(self, moment: str) -> bool:
        """Whether a set that decided watched for just this moment, so that nobody had it when it did not fire."""
        return any(moment in old.same_moments for old in self._olds.values() if old is not None)

    def decided(self, name: str, decision: Decision) -> None:
        """A decision about the account of this name."""
        account = self._accounts.number(name)
        old = self._old(decision.version)
        if old is None:
            self.unknown.add(decision.version)
            return
        for evidence in {evidence.moment: evidence for evidence in decision.moments}.values():
            for offer in self._rules.offers.get(evidence.moment, ()):
                row = self._rows[offer.name, evidence.moment]
                if evidence.moment not in old.same_moments:
                    row.otherwise.add(account)
                    continue
                row.fired = row.fired or MomentTally(evidence.kind)
                row.fired.fired(account, to_us(evidence.happened_at), again=decision.attempt > 1)
                self._offer(row, account, decision, old)

    def _offer(self, row: Reached, account: int, decision: Decision, old: Before) -> None:
        moved = old.moved.get(row.offer)
        if moved:
            row.moved |= moved
        row.is_new = row.is_new or moved is None
        if moved is None or moved:
            row.could[account] = self._whatever(self._offers[row.offer], decision)
            return
        self.company_moved = self.company_moved or old.company_moved
        for candidate in decision.candidates:
            if (candidate.offer, candidate.moment) == (row.offer, row.moment):
                row.decided.add(account, candidate.reason, held_out=is_held_out(candidate, decision))

    def _whatever(self, offer: OfferDefinition, decision: Decision) -> Reason | None:
        """What would stop this offer for sure, as far as the decision knows."""
        if offer.only_for is not None and offer.only_for.judge(_values(decision, self._rules)).truth is Truth.FALSE:
            return Reason.NOT_FOR
        if any(_passed(candidate) for candidate in decision.candidates):
            return None
        reasons = (candidate.reason for candidate in decision.candidates)
        return next((reason for reason in reasons if reason is not None and self._still_stops(reason, offer)), None)

    def _still_stops(self, reason: Reason, offer: OfferDefinition) -> bool:
        """Whether it keeps offers of this verb away, by the guardrails that they have now."""
        gates, bounds = GATES[offer.verb], self._rules.bounds[offer.playbook]
        match reason:
            case Reason.QUIET:
                return gates.quiet_segments and bool(bounds.quiet_segments)
            case Reason.BACK_OFF:
                return gates.caps and bounds.back_off is not None
            case Reason.DISENGAGED:
                return not gates.disengaged
            case _ if reason.value in QUIET_STATES:
                state = Quiet(reason.value)
                return state in gates.quiet and state in bounds.quiet
            case _:
                return False

    def _old(self, version: int) -> Before | None:
        if version not in self._olds:
            rules = self._in_force(version)
            self._olds[version] = Before.of(self._rules, rules) if rules is not None else None
        return self._olds[version]


def _passed(candidate: Candidate) -> bool:
    """Whether it came further than the stages that leave an account alone."""
    return candidate.reason is None or candidate.stage in (Stage.ARBITRATED, Stage.HELD_OUT)


def _values(decision: Decision, rules: CompiledSet) -> dict[str, Value | None]:
    """What the decision knew, by the names that conditions read, and as they read it."""
    kinds = rules.product.names.kinds
    told = {f"{ACCOUNT}{name}": value for name, value in decision.account.items()}
    found: dict[str, Value | None] = {name: _value(value, kinds.get(name)) for name, value in told.items()}
    created = found.get(f"{ACCOUNT}created")
    if isinstance(created, int):
        found[f"{ACCOUNT}age"] = to_us(decision.at) - created
    found |= {f"{METERS}{name}": value for name, value in decision.meters.items()}
    found |= {f"{level}.{value}": True for level, value in decision.levels.items()}
    return found | dict.fromkeys(decision.segments, True)


def _value(told: Told, kind: Kind | None) -> Value | None:
    """A value as a decision tells it: numbers with a fraction, and times, are text there."""
    if isinstance(told, list):
        return tuple(told)
    if isinstance(told, str) and kind is Kind.NUMBER:
        return Decimal(told)
    if isinstance(told, str) and kind is Kind.TIME:
        return to_us(datetime.fromisoformat(told))
    return told
