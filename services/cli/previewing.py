"""What a preview is of: an offer and a moment of a set, and an account made up or known from what was decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from schemas.decisions import Decision
from schemas.offers import Offer, OfferChanged, OfferMade
from services.cli.decision_log import decisions, offer_events
from services.cli.history import Progress
from services.kit.errors import Fatal
from services.kit.settings import KafkaSettings
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.playbook.moments import LimitMoment
from services.trigger_engine.domain.playbook.problems import meant_or_known
from services.trigger_engine.domain.playbook.product import UNLIMITED, FactDefinition, LimitValue, Product
from services.trigger_engine.domain.playbook.reading import NUMBER
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.trying.example import Example, Fact
from services.trigger_engine.domain.trying.previewing import Asked


class NotThere(Fatal):
    """Something was named that the set does not have, or a value is none.

    Attributes:
        what: What it should be.
        given: What was given.
    """

    def __init__(self, what: str, given: str, known: Iterable[str] = ()) -> None:
        self.what = what
        self.given = given
        hint = meant_or_known(given, known) if known else None
        super().__init__(f"{given!r} is not {what}" + (f": {hint}" if hint else ""))


@dataclass(frozen=True)
class Said:
    """What was said of the account, as it was written; ``pairs`` by option."""

    plan: str | None = None
    term: str | None = None
    seats: int | None = None
    owns: tuple[str, ...] = ()
    user: str | None = None
    age_us: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    meters: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether nothing was said at all."""
        return self == Said()


def asked(rules: CompiledSet, offer: str, moment: str | None, step: Fraction | None, variant: str | None) -> Asked:
    """What is to be seen; raises `NotThere`."""
    offers = rules.by_name
    found = offers[_one_of(offer, "an offer of the set", offers)]
    on = rules.moments[_one_of(moment, "a moment that earns it", found.on) if moment is not None else found.on[0]]
    if variant is not None:
        _one_of(variant, "a variant of it", found.variants)
    return Asked(found, on, _step(step, on.steps if isinstance(on, LimitMoment) else ()), variant)


def example(said: Said, rules: CompiledSet, known: Example | None = None) -> Example:
    """The account: what was said of it, over what is ``known``; raises `NotThere`."""
    product, base = rules.product, known or Example()
    meters = {name: _number(value, f"what meter {name!r} stands at") for name, value in said.meters.items()}
    limits: dict[str, LimitValue] = {
        name: UNLIMITED if value == UNLIMITED else _number(value, f"a limit of {name!r}")
        for name, value in said.limits.items()
    }
    for name in (*meters, *limits):
        _one_of(name, "a meter of the product", product.meters)
    return replace(
        base,
        plan=base.plan if said.plan is None else _one_of(said.plan, "a plan of the product", product.plans),
        term=base.term if said.term is None else _one_of(said.term, "a term of the product", product.terms),
        seats=base.seats if said.seats is None else said.seats,
        owned=tuple(_one_of(name, "a product", product.products) for name in said.owns) or base.owned,
        user=said.user or base.user,
        age_us=base.age_us if said.age_us is None else said.age_us,
        facts={**base.facts, **_facts(said, product)},
        meters={**base.meters, **meters},
        limits={**base.limits, **limits},
    )


async def known_of(
    kafka: KafkaSettings, account: str, wanted: Asked, product: Product, progress: Progress
) -> tuple[Example | None, Offer | None]:
    """What the newest decision knew of the account, one in which the offer competed before others; and the offer.

    The offer is as it was made or changed last. None where there is none.
    """
    newest: Decision | None = None
    about: Decision | None = None
    async for decided in decisions(kafka, account, progress):
        newest = decided.data
        if any(candidate.offer == wanted.offer.name for candidate in newest.candidates):
            about = newest
    made = None
    async for event in offer_events(kafka, account, progress):
        if isinstance(event, OfferMade | OfferChanged) and event.data.offer.offer == wanted.offer.name:
            made = event.data.offer
    found = about or newest
    return (None if found is None else _from(account, found, wanted, product)), made


def _from(account: str, decision: Decision, wanted: Asked, product: Product) -> Example:
    knew = decision.account
    fired = next((moment for moment in decision.moments if moment.moment == wanted.moment.name), None)
    owned, seats = knew.get("owned"), knew.get("seats")
    return Example(
        id=account,
        plan=_text(knew.get("plan")),
        term=_text(knew.get("term")),
        seats=seats if isinstance(seats, int) else None,
        owned=tuple(owned) if isinstance(owned, list) else (),
        locale=_text(knew.get("locale")),
        zone=_text(knew.get("zone")),
        facts={name: _known(knew[name], product.facts[name]) for name in product.facts if name in knew},
        meters={name: value for name, value in decision.meters.items() if name in product.meters},
        user=decision.user,
        group=fired.group if fired is not None else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _known(value: object, fact: FactDefinition) -> Fact:
    if isinstance(value, bool) or value is None:
        return value
    return Decimal(str(value)) if fact.type in (Kind.NUMBER, Kind.WHOLE) else str(value)


def _facts(said: Said, product: Product) -> dict[str, Fact]:
    return {name: _fact(name, value, product) for name, value in said.facts.items()}


def _fact(name: str, value: str, product: Product) -> Fact:
    declared = product.facts[_one_of(name, "a fact that the product document declares", product.facts)]
    match declared.type:
        case Kind.NUMBER | Kind.WHOLE:
            return _number(value, f"a number, as {name!r} is")
        case Kind.FLAG:
            return _one_of(value, f"true or false, as {name!r} is", ("true", "false")) == "true"
        case _:
            return value


def _number(value: str, what: str) -> Decimal:
    if not NUMBER.fullmatch(value):
        raise NotThere(what, value)
    return Decimal(value)


def _step(step: Fraction | None, steps: tuple[Decimal, ...]) -> Decimal | None:
    if step is None:
        return None
    found = next((one for one in steps if Fraction(one) == step), None)
    if found is None:
        raise NotThere("a step of the moment", f"{float(step):.0%}", [f"{float(one):.0%}" for one in steps])
    return found


def _one_of(given: str, what: str, known: Iterable[str]) -> str:
    if given not in known:
        raise NotThere(what, given, known)
    return given
