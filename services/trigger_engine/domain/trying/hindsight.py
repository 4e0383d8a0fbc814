"""In hindsight: of the accounts to which something happened, which had a moment or an offer before it, and how long.

What is looked back from, such as an upgrade, is the *outcome*: the first one of each account. Each account with one
falls into exactly one class, for each moment, each offer, and any of them:

- in time: it had one at most ``within`` before the outcome
- too early: it had some before, all of them longer ago
- too late: it had some only after
- never: it had none at all
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from statistics import median_low
from typing import Final, NamedTuple

from msgspec import Struct

from schemas.decisions import Decided, Decision, Reason
from schemas.envelope import Envelope
from schemas.offers import OfferMade
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.trying.tally import Accounts

MOST: Final = 64
"""Times kept of one thing and account: the first ones and the newest."""

ANY_MOMENT: Final = "any moment"
ANY_OFFER: Final = "any offer"


class When(StrEnum):
    """When something came, as seen from the outcome."""

    IN_TIME = "in_time"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    NEVER = "never"


class Row(NamedTuple):
    """One moment or offer: how many ``accounts`` had it, and the ``classes`` of those with an outcome.

    ``leads`` are the times from the newest one to the outcome, in microseconds, of those that had it in time.
    """

    name: str
    accounts: int
    classes: dict[When, int]
    leads: tuple[int, ...]

    @property
    def median(self) -> int | None:
        """The time that as many were shorter as were longer."""
        return median_low(self.leads) if self.leads else None

    @property
    def mean(self) -> int | None:
        """The times together by how many there are."""
        return sum(self.leads) // len(self.leads) if self.leads else None

    @property
    def before(self) -> int:
        """Accounts that had it while the outcome had not come to them yet, whether it ever came or not."""
        return self.accounts - self.classes[When.TOO_LATE]

    @property
    def followed(self) -> Fraction | None:
        """The share of those to which the outcome came in time."""
        return Fraction(self.classes[When.IN_TIME], self.before) if self.before else None


class _Account(Struct):
    """What one account had: times by name, oldest first as far as the log was.

    ``why_not``: of the last decision before the outcome that offered nothing.
    """

    outcome: int | None = None
    had: dict[str, list[int]] = {}
    why_not: Reason | None = None


class Sought(NamedTuple):
    """What the outcome is: events of this ``type``, usage or fact, that say all this of themselves, as text."""

    type: str
    says: tuple[tuple[str, str], ...] = ()

    def is_met(self, event_type: str, said: Mapping[str, object]) -> bool:
        """Whether an event that says this is one."""
        return event_type == self.type and all(_text(said.get(name)) == value for name, value in self.says)


class Hindsight:
    """Looks back from an outcome. ``within_us``: how long before it something counts as in time."""

    def __init__(self, accounts: Accounts, within_us: int) -> None:
        self.within_us = within_us
        self._numbers = accounts
        self._accounts: dict[int, _Account] = {}

    # --- what happens ---------------------------------------------------------------------------

    def happened(self, account: str, at: int) -> None:
        """The outcome came to an account; the first one counts."""
        known = self._of(account)
        known.outcome = at if known.outcome is None else min(at, known.outcome)

    def event(self, event: Envelope) -> None:
        """What the engine published next."""
        match event:
            case Decided():
                self._decided(event.subject, event.data)
            case OfferMade():
                offer, at = event.data.offer, to_us(event.data.offer.made_at)
                self._had(event.subject, f"offer {offer.offer}", at)
                self._had(event.subject, ANY_OFFER, at)
            case _:
                return

    def _decided(self, account: str, decision: Decision) -> None:
        known = self._of(account)
        if decision.reason is not None and (known.outcome is None or to_us(decision.at) < known.outcome):
            known.why_not = decision.reason
        for moment in decision.moments:
            at = to_us(moment.happened_at)
            self._had(account, f"moment {moment.moment}", at)
            self._had(account, ANY_MOMENT, at)

    def _had(self, account: str, name: str, at: int) -> None:
        times = self._of(account).had.setdefault(name, [])
        if at in times[-2:]:  # several things at once, or one that is decided again
            return
        if len(times) == MOST:
            del times[MOST // 2]
        times.append(at)

    def _of(self, account: str) -> _Account:
        number = self._numbers.number(account)
        found = self._accounts.get(number)
        if found is None:
            found = self._accounts[number] = _Account()
        return found

    # --- looking back ---------------------------------------------------------------------------

    @property
    def outcomes(self) -> int:
        """Accounts with an outcome."""
        return sum(known.outcome is not None for known in self._accounts.values())

    def rows(self) -> list[Row]:
        """First any moment and any offer, then each by itself: those that most accounts had in time first."""
        names = sorted({name for known in self._accounts.values() for name in known.had} - {ANY_MOMENT, ANY_OFFER})
        single = [self._row(name) for name in names]
        single.sort(key=lambda row: (-row.classes[When.IN_TIME], row.name))
        return [self._row(ANY_MOMENT), self._row(ANY_OFFER), *single]

    def without_offer(self) -> Counter[Reason | None]:
        """Accounts with an outcome and no offer before it, by the reason of the last decision before it; None: none."""
        return Counter(
            known.why_not
            for known in self._accounts.values()
            if known.outcome is not None
            and self._class(known.outcome, known.had.get(ANY_OFFER, []))[0] in (When.NEVER, When.TOO_LATE)
        )

    def accounts(self, name: str, when: When) -> Iterator[int]:
        """Numbers of the accounts of one class."""
        for number, known in self._accounts.items():
            if known.outcome is not None and self._class(known.outcome, known.had.get(name, ()))[0] is when:
                yield number

    def _row(self, name: str) -> Row:
        classes, leads = dict.fromkeys(When, 0), []
        had = 0
        for known in self._accounts.values():
            times = known.had.get(name, [])
            had += bool(times)
            if known.outcome is not None:
                found, lead = self._class(known.outcome, times)
                classes[found] += 1
                leads.extend([lead] if lead is not None else [])
        return Row(name, had, classes, tuple(leads))

    def _class(self, outcome: int, times: "list[int] | tuple[()]") -> tuple[When, int | None]:
        """The class of an account, and how long before the outcome the newest one was, when that was in time."""
        before = [at for at in times if at < outcome]
        if not before:
            return (When.TOO_LATE if times else When.NEVER), None
        lead = outcome - max(before)
        return (When.IN_TIME, lead) if lead <= self.within_us else (When.TOO_EARLY, None)


def _text(value: object) -> str:
    """A value as an operator writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return str(value)
