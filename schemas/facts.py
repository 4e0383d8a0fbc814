"""Account facts: what is true of an account, told by the customer's backend on the usage topic.

Of each kind of fact the newest by event time holds (of tickets: per ticket), so a repeated or reordered fact changes
nothing, and no fact is ever too late.
"""

from typing import Literal

from pydantic import StrictBool, StrictStr, model_serializer

from schemas.envelope import Envelope, Id, Instant, Intake
from schemas.usage import NotNegative, Number, Whole


class Nothing(Intake):
    """A fact that says all by its type."""


class AccountProfile(Intake):
    """What is known of an account when it is created; all may be told later by facts of their own."""

    plan: Id | None = None
    term: Id | None = None
    seats: Whole | None = None
    locale: Id | None = None
    zone: Id | None = None
    attributes: dict[Id, StrictStr | StrictBool | Number | None] = {}


class Plan(Intake):
    """The plan an account is on; ``price`` only when it differs from the list, per term, in the product's currency."""

    plan: Id
    term: Id | None = None
    seats: Whole | None = None
    price: NotNegative | None = None


class Seats(Intake):
    """Seats paid for."""

    seats: Whole


class Product(Intake):
    """A product owned; ``price`` as in `Plan`."""

    product: Id
    term: Id | None = None
    price: NotNegative | None = None


class Attribute(Intake):
    """A fact that the product document declares; ``null`` says that it is no longer known."""

    name: Id
    value: StrictStr | StrictBool | Number | None

    @model_serializer
    def _with_null(self) -> dict[str, object]:
        # absent fields are left out when an event is encoded, and here null is the message
        return {"name": self.name, "value": self.value}


class Limit(Intake):
    """A limit of this account's own, in the meter's unit; it goes before the plan's."""

    meter: Id
    value: NotNegative | Literal["unlimited"]


class Baseline(Intake):
    """What a meter stood at, told by a system that counted before Rung did."""

    meter: Id
    value: Number
    as_of: Instant


class BillingPeriod(Intake):
    """The billing period that runs from ``starts`` (included) to ``ends`` (not included)."""

    starts: Instant
    ends: Instant


class Ticket(Intake):
    """A support ticket of anyone in the account."""

    ticket: Id


class Onboarding(Intake):
    """An onboarding: of the account when neither product nor user is named."""

    product: Id | None = None
    user: Id | None = None


class AccountCreated(Envelope):
    """The account exists since ``time``."""

    type: Literal["rung.account_created"] = "rung.account_created"
    data: AccountProfile = AccountProfile()


class PlanChanged(Envelope):
    """The account is on this plan since ``time``; told by billing, never by a browser."""

    type: Literal["rung.plan_changed"] = "rung.plan_changed"
    data: Plan


class SeatsChanged(Envelope):
    """Seats paid for since ``time``."""

    type: Literal["rung.seats_changed"] = "rung.seats_changed"
    data: Seats


class ProductBought(Envelope):
    """The account owns this product since ``time``; of one that can be bought again, each of these counts."""

    type: Literal["rung.product_bought"] = "rung.product_bought"
    data: Product


class ProductEnded(Envelope):
    """The account no longer owns this product, however often it was bought."""

    type: Literal["rung.product_ended"] = "rung.product_ended"
    data: Product


class AttributeSet(Envelope):
    """A declared fact of the account has this value since ``time``."""

    type: Literal["rung.attribute_set"] = "rung.attribute_set"
    data: Attribute


class LimitSet(Envelope):
    """The account has a limit of its own since ``time``."""

    type: Literal["rung.limit_set"] = "rung.limit_set"
    data: Limit


class MeterSet(Envelope):
    """A meter stood at this value at ``as_of``."""

    type: Literal["rung.meter_set"] = "rung.meter_set"
    data: Baseline


class PeriodStarted(Envelope):
    """A billing period of the account began."""

    type: Literal["rung.period_started"] = "rung.period_started"
    data: BillingPeriod


class TicketOpened(Envelope):
    """Someone of the account waits for help."""

    type: Literal["rung.ticket_opened"] = "rung.ticket_opened"
    data: Ticket


class TicketClosed(Envelope):
    """The ticket is closed."""

    type: Literal["rung.ticket_closed"] = "rung.ticket_closed"
    data: Ticket


class PaymentFailed(Envelope):
    """A payment of the account failed and has not been recovered."""

    type: Literal["rung.payment_failed"] = "rung.payment_failed"
    data: Nothing = Nothing()


class PaymentRecovered(Envelope):
    """The failed payment went through."""

    type: Literal["rung.payment_recovered"] = "rung.payment_recovered"
    data: Nothing = Nothing()


class CancelRequested(Envelope):
    """The account is about to leave."""

    type: Literal["rung.cancel_requested"] = "rung.cancel_requested"
    data: Nothing = Nothing()


class CancelWithdrawn(Envelope):
    """The account stays."""

    type: Literal["rung.cancel_withdrawn"] = "rung.cancel_withdrawn"
    data: Nothing = Nothing()


class AccountClosed(Envelope):
    """The account has left."""

    type: Literal["rung.account_closed"] = "rung.account_closed"
    data: Nothing = Nothing()


class OnboardingStarted(Envelope):
    """The customer's own onboarding began; overrides what Rung detected."""

    type: Literal["rung.onboarding_started"] = "rung.onboarding_started"
    data: Onboarding = Onboarding()


class OnboardingCompleted(Envelope):
    """The customer's own onboarding was finished; overrides what Rung detected."""

    type: Literal["rung.onboarding_completed"] = "rung.onboarding_completed"
    data: Onboarding = Onboarding()


class OnboardingAbandoned(Envelope):
    """The customer's own onboarding was given up; overrides what Rung detected."""

    type: Literal["rung.onboarding_abandoned"] = "rung.onboarding_abandoned"
    data: Onboarding = Onboarding()


class AccountErased(Envelope):
    """Forget this account and all its users, everywhere."""

    type: Literal["rung.account_erased"] = "rung.account_erased"
    data: Nothing = Nothing()


Fact = (
    AccountCreated
    | PlanChanged
    | SeatsChanged
    | ProductBought
    | ProductEnded
    | AttributeSet
    | LimitSet
    | MeterSet
    | PeriodStarted
    | TicketOpened
    | TicketClosed
    | PaymentFailed
    | PaymentRecovered
    | CancelRequested
    | CancelWithdrawn
    | AccountClosed
    | OnboardingStarted
    | OnboardingCompleted
    | OnboardingAbandoned
    | AccountErased
)
"""Closed: a new fact is added here, in the engine's reading and in the golden examples."""
