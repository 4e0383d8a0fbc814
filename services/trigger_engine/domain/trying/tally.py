"""What came of many accounts, counted: moments, offers, and why not, by account.

It is told events as the engine publishes them, whether from a replay or from the log of what was decided. Accounts are
kept as numbers: a name for each, and some bytes for each moment it had and each offer that competed for it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from schemas.decisions import Candidate, Decided, Decision, Reason, Verdict
from schemas.envelope import Envelope
from schemas.offers import Evidence, MomentKind, Offer, OfferChanged, OfferMade
from schemas.outcomes import Change, OfferJudged
from services.trigger_engine.domain.instants import to_us


class Accounts:
    """Numbers for the names of accounts; several tallies of the same accounts share them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, name: str) -> int:
        """The number of this account; the next one when it was never asked for."""
        return self._numbers.setdefault(name, len(self._numbers))

    def names(self, numbers: Iterable[int], most: int) -> list[str]:
        """Names of ``most`` of these at most, those that were asked for first."""
        wanted = set(sorted(numbers)[:most])
        return [name for name, number in self._numbers.items() if number in wanted]


class MomentTally:
    """One moment: how many ``times`` it fired, and when ``last``, by account, in microseconds since 1970 UTC."""

    def __init__(self, kind: MomentKind) -> None:
        self.kind = kind
        self.times = 0
        self.last: dict[int, int] = {}

    def fired(self, account: int, at: int, *, again: bool) -> bool:
        """Whether it fired just now: what is decided ``again``, since it was held, did before."""
        last = self.last.get(account)
        if again and last is not None and at <= last:
            return False
        self.times += 1
        self.last[account] = at if last is None else max(at, last)
        return True


class OfferTally:
    """One offer, as one moment put it forward.

    ``last``: by account, why it was not made when it competed last; None when it was, or was held out. ``reasons``
    counts decisions by the first gate that failed.
    """

    def __init__(self) -> None:
        self.competed = 0
        self.last: dict[int, Reason | None] = {}
        self.made: set[int] = set()
        self.held_out: set[int] = set()
        self.reasons: Counter[Reason] = Counter()

    def never(self) -> Counter[Reason]:
        """How many accounts it was never made to, by the reason of their last decision."""
        reached = self.made | self.held_out
        left = (reason for account, reason in self.last.items() if account not in reached)
        return Counter(reason for reason in left if reason is not None)

    def add(self, account: int, reason: Reason | None, *, held_out: bool) -> None:
        """It competed, and went no further than this."""
        self.competed += 1
        if held_out:
            self.held_out.add(account)
        elif reason is None:
            self.made.add(account)
        else:
            self.reasons[reason] += 1
        self.last[account] = None if held_out else reason


class Example(NamedTuple):
    """One decision, as an example of what happened to an offer: ``because`` is None when it was made."""

    account: str
    at: datetime
    moment: Evidence
    offer: str
    because: Reason | None = None
    detail: str | None = None
    offer_id: str | None = None
    title: str | None = None


class Tally:
    """Counts decisions, offers and their ends. ``examples`` of each offer and reason are kept."""

    def __init__(self, accounts: Accounts, examples: int = 1) -> None:
        self.accounts = accounts
        self.decisions = 0
        self.verdicts: Counter[Verdict] = Counter()
        self.reasons: Counter[Reason] = Counter()
        self.moments: dict[str, MomentTally] = {}
        self.offers: dict[tuple[str, str], OfferTally] = {}
        self.ends: dict[str, Counter[Change]] = {}
        self.examples: dict[tuple[str, Reason | None], list[Example]] = {}
        self.first: datetime | None = None
        self.newest: datetime | None = None
        self.versions: set[int] = set()
        self._most = examples

    def event(self, event: Envelope) -> None:
        """What the engine published next."""
        match event:
            case Decided():
                self.decided(event.subject, event.data)
            case OfferMade() | OfferChanged():
                self._worded(event.subject, event.data.offer)
            case OfferJudged() if not event.data.held_out:
                self.ends.setdefault(event.data.offer, Counter())[event.data.change] += 1
            case _:  # what happened to an offer is told by its outcome
                return

    def decided(self, name: str, decision: Decision) -> None:
        """A decision about the account of this name."""
        account = self.accounts.number(name)
        self.decisions += 1
        self.verdicts[decision.verdict] += 1
        self.versions.add(decision.version)
        self.first = decision.at if self.first is None else min(self.first, decision.at)
        self.newest = decision.at if self.newest is None else max(self.newest, decision.at)
        if decision.reason is not None:
            self.reasons[decision.reason] += 1
        for moment in decision.moments:
            tally = self.moments.get(moment.moment)
            if tally is None:
                tally = self.moments[moment.moment] = MomentTally(moment.kind)
            tally.fired(account, to_us(moment.happened_at), again=decision.attempt > 1)
        for candidate in decision.candidates:
            self._candidate(account, candidate, decision)
            self._example(name, candidate, decision)

    def made(self) -> dict[str, set[int]]:
        """By offer, the accounts it was made to."""
        return self._by_offer(lambda tally: tally.made)

    def competed(self) -> dict[str, set[int]]:
        """By offer, the accounts it competed for."""
        return self._by_offer(lambda tally: tally.last)

    def why_not(self, offer: str, account: int) -> Reason | None:
        """Why the offer was not made to the account when it competed for it last; None when it never did."""
        found = (tally.last.get(account) for (name, _), tally in self.offers.items() if name == offer)
        return next((reason for reason in found if reason is not None), None)

    def _by_offer(self, chosen: Callable[[OfferTally], Iterable[int]]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for (offer, _), tally in self.offers.items():
            found.setdefault(offer, set()).update(chosen(tally))
        return found

    def _candidate(self, account: int, candidate: Candidate, decision: Decision) -> None:
        key = candidate.offer, candidate.moment
        tally = self.offers.get(key)
        if tally is None:
            tally = self.offers[key] = OfferTally()
        tally.add(account, candidate.reason, held_out=is_held_out(candidate, decision))

    def _example(self, account: str, candidate: Candidate, decision: Decision) -> None:
        reason = Reason.HELD_OUT if is_held_out(candidate, decision) else candidate.reason
        kept = self.examples.setdefault((candidate.offer, reason), [])
        if len(kept) < self._most:
            moment = next(moment for moment in decision.moments if moment.moment == candidate.moment)
            kept.append(Example(account, decision.at, moment, candidate.offer, reason, candidate.detail))

    def _worded(self, account: str, offer: Offer) -> None:
        """The words of an offer stand in its own event, which follows the decision that made it."""
        kept = self.examples.get((offer.offer, None), [])
        if kept and kept[-1].title is None and kept[-1].account == account:
            kept[-1] = kept[-1]._replace(offer_id=offer.offer_id, title=offer.content.title)

    def shown(self) -> Iterator[tuple[str, list[Example]]]:
        """Examples by offer."""
        for offer in dict.fromkeys(name for name, _ in self.examples):
            yield offer, [one for (name, _), kept in self.examples.items() if name == offer for one in kept]


def is_held_out(candidate: Candidate, decision: Decision) -> bool:
    """Whether the offer was as if made, and shown to nobody."""
    return candidate.reason is Reason.HELD_OUT or (candidate.reason is None and decision.verdict is Verdict.HELD_OUT)
