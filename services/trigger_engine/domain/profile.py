"""What is known of an account under the names that conditions have for it: ``account.*``. None is unknown."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.account import PRODUCT, AccountSlice
from services.trigger_engine.domain.conditions.kinds import Value
from services.trigger_engine.domain.facts import TICKET
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.moments.ordered_onboarding import OrderedOnboardingState
from services.trigger_engine.domain.playbook.meter_definitions import USER_COUNT
from services.trigger_engine.domain.playbook.moments import OnboardingMoment, OnboardingOf
from services.trigger_engine.domain.playbook.money import told
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.pricing import paid
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import standing


def created(account: AccountSlice, product: Product) -> int | None:
    """When the account was created; where accounts start empty, its first sight will do until a fact tells."""
    told = account.created()
    return account.first_seen if told is None and product.starts_empty else told


def plan_since(account: AccountSlice, product: Product) -> int | None:
    """Since when it is on its plan: on the default plan since it was created."""
    return account.since["plan"] if "plan" in account.since else created(account, product)


def term_since(account: AccountSlice) -> int | None:
    """When it began to pay by its term, as a fact told."""
    return account.since.get("term")


def since_of(name: str, situation: Situation) -> int | None:
    """The time that ``account.NAME`` tells: ``created``, ``plan_since`` or ``term_since``."""
    value = BUILT_IN[name](situation)
    return value if isinstance(value, int) else None


def term_ends(account: AccountSlice, product: Product, at: int) -> int | None:
    """When the term that runs at ``at`` ends. One that nobody says has ended goes on for another of its length."""
    _, ends = _term_at(account, product, at)
    return ends


def term_ended(account: AccountSlice, product: Product, at: int) -> int | None:
    """When the term before the one that runs at ``at`` ended; None where nobody knows of any."""
    begun, _ = _term_at(account, product, at)
    return None if begun == term_since(account) else begun


def _term_at(account: AccountSlice, product: Product, at: int) -> tuple[int | None, int | None]:
    since, months = term_since(account), product.terms.get(account.term() or "")
    if since is None or months is None:
        return None, None
    place = account.zone()
    count = max(1, (at - since) // (months * calendar.MONTH_US))  # one too few at most: no month is much shorter
    while (ends := calendar.add_months(since, count * months, place)) <= at and ends < calendar.LATEST:
        count += 1
    return calendar.add_months(since, (count - 1) * months, place), ends


def onboarding(situation: Situation) -> str | None:
    """Where its onboarding stands: by the customer's own word, else by what was detected; None where nobody looks."""
    word = _text(situation.account, "onboarding")
    if word is not None:
        return word
    every = (one for one in situation.rules.onboardings if one.of is OnboardingOf.ACCOUNT and one.product is None)
    found = [_status(moment, situation) for moment in every]
    return next((status.value for status in FURTHEST if status in found), None)


def begun(account: AccountSlice, moment: OnboardingMoment, product: Product) -> int | None:
    """When there was first somebody who could do the steps: the account, or the account with the product."""
    bought = account.facts.get(PRODUCT + moment.product) if moment.product is not None else None
    if bought is not None and bought.value is True:
        return bought.at
    began = created(account, product)
    return account.first_seen if began is None else began


FURTHEST: Final = (
    OnboardingStatus.STARTED,
    OnboardingStatus.ABANDONED,
    OnboardingStatus.COMPLETED,
    OnboardingStatus.NOT_STARTED,
)
"""Of several onboardings the one that is still under way tells, then what came of the others."""


def _status(moment: OnboardingMoment, situation: Situation) -> OnboardingStatus:
    """What its state says; of who has done nothing, and is older than the moment, that it was done before."""
    state = situation.account.moments.get(moment.name)
    if isinstance(state, OnboardingState | OrderedOnboardingState):
        return state.status
    since = begun(situation.account, moment, situation.rules.product)
    is_older = since is not None and since < situation.rules.since(moment.name)
    return OnboardingStatus.COMPLETED if is_older else OnboardingStatus.NOT_STARTED


def _price(situation: Situation) -> Decimal | None:
    """What it pays a month for its plan and its products."""
    whole = paid(situation).whole
    return None if whole is None else told(whole)


def _age(situation: Situation) -> int | None:
    since = created(situation.account, situation.rules.product)
    return None if since is None else calendar.age(since, situation.now)


def _text(account: AccountSlice, slot: str) -> str | None:
    known = account.facts.get(slot)
    return known.value if known is not None and isinstance(known.value, str) else None


def _is(account: AccountSlice, slot: str) -> bool:
    known = account.facts.get(slot)
    return known is not None and known.value is True


def _open_tickets(account: AccountSlice) -> int:
    return sum(slot.startswith(TICKET) and known.value is True for slot, known in account.facts.items())


def _users(situation: Situation) -> int | None:
    """They are counted where the set asks for them."""
    if USER_COUNT.key not in situation.rules.meter_keys:
        return None
    found = standing(USER_COUNT, situation.account, situation)
    return None if found is None else int(found.value)


BUILT_IN: Final[Mapping[str, Callable[[Situation], Value | None]]] = {
    "id": lambda s: s.id,
    "created": lambda s: created(s.account, s.rules.product),
    "age": _age,
    "plan": lambda s: s.account.plan(s.rules.product),
    "plan_since": lambda s: plan_since(s.account, s.rules.product),
    "term": lambda s: s.account.term(),
    "term_since": lambda s: term_since(s.account),
    "term_ends": lambda s: term_ends(s.account, s.rules.product, s.now),
    "seats": lambda s: s.account.seats(),
    "price": _price,
    "owned": lambda s: tuple(s.account.owned()),
    "locale": lambda s: _text(s.account, "locale"),
    "zone": lambda s: _text(s.account, "zone"),
    "open_tickets": lambda s: _open_tickets(s.account),
    "onboarding": onboarding,
    "cancelling": lambda s: _is(s.account, "cancelling"),
    "payment_failed": lambda s: _is(s.account, "payment_failed"),
    "user_count": _users,
}
"""By the name behind ``account.``, as `conditions.names.ACCOUNT` lists them."""


def fact(name: str, situation: Situation) -> Value | None:
    """A fact that the product document declares: what was told last, its default while nothing is known of it."""
    known = situation.account.facts.get(f"attribute:{name}")
    value = None if known is None else _plain(known.value) if known.number is None else known.number
    return situation.rules.product.facts[name].default if value is None else value


def _plain(value: object) -> str | bool | int | None:
    return value if isinstance(value, str | bool | int) else None
