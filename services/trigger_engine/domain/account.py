"""What is known of one account, and of one user of it: the state slices.

A slice is at most 64 KiB: every list in it has a bound, and what happens at the bound is defined where it is added to.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from schemas.offers import MomentKind, Verb
from services.trigger_engine.domain.bounds import stored
from services.trigger_engine.domain.calendar import Zone, zone
from services.trigger_engine.domain.meters.counting import CountedState
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.moments.absence import AbsenceState
from services.trigger_engine.domain.moments.attempt import AttemptState
from services.trigger_engine.domain.moments.becomes import BecomesState
from services.trigger_engine.domain.moments.forecast import ForecastState
from services.trigger_engine.domain.moments.growth import GrowthState
from services.trigger_engine.domain.moments.habit import HabitState
from services.trigger_engine.domain.moments.limit import LimitState
from services.trigger_engine.domain.moments.limit_by_period import LimitsState
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.onboarding import OnboardingState
from services.trigger_engine.domain.moments.ordered_onboarding import OrderedOnboardingState
from services.trigger_engine.domain.moments.outcome import OutcomeState
from services.trigger_engine.domain.moments.sequence import SequenceState
from services.trigger_engine.domain.moments.tenure import TenureState
from services.trigger_engine.domain.numbers import added, times
from services.trigger_engine.domain.playbook.feeds import ALL_USAGE
from services.trigger_engine.domain.playbook.product import UNLIMITED, LimitValue, Product

MomentState = (
    LimitState
    | LimitsState
    | AttemptState
    | MilestoneState
    | OnboardingState
    | OrderedOnboardingState
    | HabitState
    | GrowthState
    | TenureState
    | ForecastState
    | BecomesState
    | SequenceState
    | AbsenceState
    | OutcomeState
)
"""Closed: what each kind of moment remembers."""

PRODUCT: Final = "product:"
BOUGHT: Final = "bought:"
ENDED: Final = "ended:"
"""Begin slots of facts: whether a product is owned; one purchase of a product that can be bought again, by the id of
the fact that told; and when all of such a product ended last."""

STATE_VERSION: Final = 5
"""Version of everything in this module; a slice of a newer one is refused, of an older one migrated on reading."""


MAX_OVER: Final = 16
"""Offers lately over that are remembered, so that a response on its way is judged; the first made is forgotten."""

OFFERS_BYTES: Final = 8 * 1024
"""Of all offers as they are stored: some twenty. Those over are forgotten sooner when it is more."""


class Known(Struct, frozen=True, array_like=True):
    """A fact as it was told: the newest by event time holds, among equals the one with the greater id.

    A decimal stands in ``number``: in a slice's bytes it could not be told from text.
    """

    at: int
    id: str
    value: str | bool | int | Period | None = None
    number: Decimal | None = None


class Happened(Struct, frozen=True, array_like=True):
    """A moment that fired, as an account remembers it: all that `moments.passed.Passed` says, by the moment's name."""

    moment: str
    at: int
    user: str | None = None
    value: Decimal | None = None
    limit: Decimal | None = None
    step: Decimal | None = None
    period: int | None = None
    arm: int = 0
    group: str | None = None
    percent: Decimal | None = None
    date: int | None = None
    confidence: Decimal | None = None
    about: str | None = None


class OpenOffer(Struct, array_like=True):
    """An offer in the account's hands, or lately over: what its life is judged by, and what outcomes tell of it.

    Times in microseconds since 1970 UTC. ``seen`` holds the kinds of response that were judged, each once. One that is
    ``held_out`` was shown to nobody. ``levels``, ``segments`` and ``report`` are what the account was when it was made;
    ``happened`` is its moment as long as it is open; ``basis`` and ``shown`` are of `deciding.unfit`.
    """

    offer_id: str
    offer: str
    playbook: str
    family: str
    verb: Verb
    target: str
    moment: str
    kind: MomentKind
    occurrence: str
    placements: tuple[str, ...]
    made_at: int
    expires_at: int
    decision_id: str
    version: int
    no_rule: str
    no_for_us: int | None
    user: str | None = None
    step: Decimal | None = None
    price_difference: Decimal | None = None
    sequence: int = 1
    seen: tuple[str, ...] = ()
    snoozed_until: int | None = None
    over: str | None = None
    score: Decimal | None = None
    held_out: bool = False
    variant: str | None = None
    levels: dict[str, str] = {}
    segments: tuple[str, ...] = ()
    report: dict[str, str] = {}
    happened: Happened | None = None
    basis: int = 0
    shown: int = 0


class Closed(Struct, frozen=True, array_like=True):
    """A family that somebody said no to: shut until ``until``, for ever when None, or until a step above ``step``."""

    at: int
    until: int | None = None
    step: Decimal | None = None


class Made(Struct, frozen=True, array_like=True):
    """An offer made, as caps count it; given back when it ends without having been seen.

    ``user``: whose it is alone; ``shown_to``: marks of the users (`meters.marks`) that saw one of the whole account.
    """

    at: int
    offer_id: str
    offer: str
    family: str
    placements: tuple[str, ...]
    verb: str = ""
    user: str | None = None
    shown_to: tuple[int, ...] = ()


class Noes(Struct, frozen=True, array_like=True):
    """How many offers in a row were dismissed, or seen and ignored, and when the last of them was."""

    count: int = 0
    at: int = 0

    def one_more(self, at: int) -> "Noes":
        """The row with one more of them, at ``at``."""
        return Noes(self.count + 1, max(at, self.at))


class Held(Struct, frozen=True, array_like=True):
    """A moment that was withheld for a reason that passes, and will be decided again.

    ``attempt``: how often it was decided; ``reasons`` what that came to (`deciding.holding`); ``again``: when to look
    at it though nothing happens, microseconds since 1970 UTC; ``waits_for``: the usage that may end it, in the words of
    `Feed.counted`, or `ALL_USAGE`.
    """

    happened: Happened
    attempt: int
    reasons: int
    again: int | None = None
    waits_for: tuple[str, ...] = ()

    def waits(self, counted: Collection[str]) -> bool:
        """Whether it is to be looked at after usage that was ``counted`` so."""
        return any(name == ALL_USAGE or name in counted for name in self.waits_for)


class UserSlice(Struct, array_like=True, dict=True):
    """One user of an account, or one value of a property that a meter is kept by.

    ``facts`` holds what was told of this user alone; ``counted`` is as in `AccountSlice`.
    """

    meters: PlainMeters = field(default_factory=PlainMeters)
    moments: dict[str, MomentState] = {}
    facts: dict[str, Known] = {}
    counted: dict[str, CountedState] = {}


class AccountSlice(Struct, array_like=True, dict=True):
    """One account. ``offers`` holds the open ones and those lately over. What is derived hangs on it, never stored.

    ``meters`` has plain meters: a count, sum or maximum of ever or of a billing period, of all its events. Every other
    one is in ``counted``.
    """

    facts: dict[str, Known] = {}
    meters: PlainMeters = field(default_factory=PlainMeters)
    moments: dict[str, MomentState] = {}
    offers: list[OpenOffer] = []
    closed: dict[str, Closed] = {}
    made: list[Made] = []
    erased_at: int | None = None
    """When the account before this one under the same name was erased, microseconds since 1970 UTC."""

    counted: dict[str, CountedState] = {}
    first_seen: int | None = None
    """What time it was when the first was heard of it, microseconds since 1970 UTC; None before that."""

    baselines: dict[str, int] = {}
    """As of when a fact told what a meter stands at, by its key; microseconds since 1970 UTC."""

    since: dict[str, int] = {}
    """Since when it is on its plan, and pays by its term, by slot, as the log told; microseconds since 1970 UTC."""

    held: list[Held] = []
    noes: Noes = Noes()
    was_quiet: dict[str, int | None] = {}
    """Quiet segments by their text: None while the account is in, else when it was seen to have left."""

    dropped: int = 0
    """Moments that were held and given up since too many were."""

    # --- facts ----------------------------------------------------------------------------------

    def plan(self, product: Product) -> str | None:
        """The plan the account is on; the default plan when no fact has told."""
        known = self.facts.get("plan")
        return known.value if known is not None and isinstance(known.value, str) else product.default_plan

    def term(self) -> str | None:
        """The term of the plan; None when unknown."""
        known = self.facts.get("term")
        return known.value if known is not None and isinstance(known.value, str) else None

    def seats(self) -> int | None:
        """Seats paid for; None when unknown."""
        known = self.facts.get("seats")
        return known.value if known is not None and isinstance(known.value, int) else None

    def price(self) -> Decimal | None:
        """The account's own price for its plan and term; None when it pays the list price, as with a new plan."""
        told = self.told_with("plan", "price")
        return told.number if told is not None else None

    def told_with(self, slot: str, beside: str) -> Known | None:
        """What was told under ``beside`` by the fact that holds under ``slot``; None when it told nothing there."""
        known, told = self.facts.get(slot), self.facts.get(beside)
        same = known is not None and told is not None and (told.at, told.id) == (known.at, known.id)
        return told if same else None

    def number(self, fact: str, product: Product) -> Decimal | None:
        """What a declared fact says, or its default, where that is a number; None when unknown."""
        known, declared = self.facts.get(f"attribute:{fact}"), product.facts.get(fact)
        if known is not None:
            return known.number
        told = None if declared is None else declared.default
        return Decimal(told) if isinstance(told, int | Decimal) and not isinstance(told, bool) else None

    def owned(self) -> list[str]:
        """Products owned beside the plan, sorted."""
        facts = self.facts.items()
        return sorted(
            [slot.removeprefix(PRODUCT) for slot, known in facts if known.value is True and slot.startswith(PRODUCT)]
        )

    def purchases(self, product: str) -> list[str]:
        """Slots of the purchases of ``product`` that it still has, one for each time it was bought; none of others.

        What can not be bought again, or could not when it was, has one: that of the product itself.
        """
        own = self.facts.get(PRODUCT + product)
        if own is None or own.value is not True:
            return []
        facts = self.facts.items()
        again = sorted(slot for slot, known in facts if slot.startswith(BOUGHT) and known.value == product)
        return again or [PRODUCT + product]

    def limit(self, meter: str, product: Product) -> LimitValue | None:
        """The limit of ``meter``: the account's own, else the plan's and what owned products add; None when unknown."""
        own = self.facts.get(f"limit:{meter}")
        if own is not None:
            return UNLIMITED if own.number is None else own.number
        return self.limit_on(self.plan(product), meter, product)

    def limit_on(self, plan: str | None, meter: str, product: Product, more_seats: int = 0) -> LimitValue | None:
        """What the limit of ``meter`` would be on ``plan``, with the seats and products the account has."""
        sold = product.plans.get(plan) if plan is not None else None
        rule = sold.limits.get(meter) if sold is not None else None
        if rule is None:
            return None
        seats = self.seats()
        value = rule.value(None if seats is None else seats + more_seats)
        if not isinstance(value, Decimal):
            return value
        for name, adds in product.adding.get(meter, ()):
            bought = len(self.purchases(name))
            if bought:
                value = added(value, times(adds, Decimal(bought)))
        return value

    def zone(self) -> Zone:
        """The clocks it lives by; UTC until a fact has told."""
        known = self.facts.get("zone")
        return zone(known.value if known is not None and isinstance(known.value, str) else None)

    def created(self) -> int | None:
        """When it was created, as a fact told; None when unknown."""
        known = self.facts.get("created")
        return None if known is None else known.at

    def period(self) -> Period | None:
        """The billing period announced last; None when unknown."""
        known = self.facts.get("period")
        return known.value if known is not None and isinstance(known.value, Period) else None

    # --- offers ---------------------------------------------------------------------------------

    def open_offers(self) -> list[OpenOffer]:
        """Offers that somebody may still see, oldest first."""
        return [offer for offer in self.offers if offer.over is None]

    def remember(self, offer: OpenOffer) -> None:
        """Take a new offer in, and forget those over that were made first when there are too many."""
        self.offers.append(offer)
        over = [known for known in self.offers if known.over is not None]
        while over and (len(over) > MAX_OVER or stored(self.offers) > OFFERS_BYTES):
            self.offers.remove(over.pop(0))

    def give_back(self, offer_id: str) -> None:
        """An offer that the caps need not count any more."""
        self.made = [made for made in self.made if made.offer_id != offer_id]
