"""A set: everything published together, compiled once into what each event can lead to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.trigger_engine.domain.playbook.document import Node, read
from services.trigger_engine.domain.playbook.offers import (
    LimitMoment,
    MilestoneMoment,
    Moment,
    OfferDefinition,
    OnboardingMoment,
)
from services.trigger_engine.domain.playbook.playbook_reader import Playbook, read_playbook
from services.trigger_engine.domain.playbook.problems import Place, Problem, SetRefused
from services.trigger_engine.domain.playbook.product import MeterDefinition, Product
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems


@dataclass(frozen=True, slots=True)
class Feed:
    """What one event type feeds: each meter with the moments that watch it, and the onboardings it is a step of."""

    meters: tuple[tuple[MeterDefinition, tuple[LimitMoment | MilestoneMoment, ...]], ...]
    onboardings: tuple[OnboardingMoment, ...]
    by_user: bool


@dataclass(frozen=True, slots=True)
class CompiledSet:
    """The set under its version (its offset on ``rung.playbooks``), looked up by what happens.

    ``feeds`` by event type; ``limits`` are the limit moments with their meter, for facts that move a limit; ``offers``
    by moment, in the order written.
    """

    version: int
    product: Product
    moments: Mapping[str, Moment]
    feeds: Mapping[str, Feed]
    limits: tuple[tuple[LimitMoment, MeterDefinition], ...]
    onboardings: tuple[OnboardingMoment, ...]
    offers: Mapping[str, tuple[OfferDefinition, ...]]


def compile_set(files: Sequence[tuple[str, str]], version: int) -> CompiledSet:
    """Read ``files`` (path and text) and compile them; raises `SetRefused` with every problem found."""
    problems = Problems()
    roots = [read(path, text) for path, text in files]
    products = [root for root in roots if isinstance(root.value, dict) and "product" in root.value]
    if len(products) != 1:
        places = [Place(path, 1, 1) for path, _ in files] or [Place("(no file)", 1, 1)]
        message = f"a set needs exactly one product document (with the key 'product'), and this has {len(products)}"
        raise SetRefused([Problem(places[0], "one-product", message)])
    product = read_product(products[0], problems)
    playbooks = [read_playbook(root, product, problems) for root in roots if root is not products[0]]
    _ids_are_unique(playbooks, roots, problems)
    if problems.found:
        raise SetRefused(problems.found)
    return _compiled(version, product, playbooks)


def _ids_are_unique(playbooks: Sequence[Playbook], roots: Sequence[Node], problems: Problems) -> None:
    seen: set[str] = set()
    for playbook in playbooks:
        for name in [*playbook.moments, *playbook.offers]:
            if name in seen:
                place = next(root.place for root in roots if _holds(root, name))
                problems.add(place, "twice", f"{name!r} stands in more than one playbook; ids are unique in the set")
            seen.add(name)


def _holds(root: Node, name: str) -> bool:
    return any(name in (entry.node.value or ()) for entry in root.entries() if isinstance(entry.node.value, dict))


def _compiled(version: int, product: Product, playbooks: Sequence[Playbook]) -> CompiledSet:
    moments = {name: moment for playbook in playbooks for name, moment in playbook.moments.items()}
    offers: dict[str, list[OfferDefinition]] = {name: [] for name in moments}
    for playbook in playbooks:
        for offer in playbook.offers.values():
            for name in offer.on:
                offers[name].append(offer)
    return CompiledSet(
        version=version,
        product=product,
        moments=moments,
        feeds={event: _feed(event, product, moments) for event in product.events},
        limits=tuple(
            (moment, product.meters[moment.meter]) for moment in moments.values() if isinstance(moment, LimitMoment)
        ),
        onboardings=tuple(moment for moment in moments.values() if isinstance(moment, OnboardingMoment)),
        offers={name: tuple(made) for name, made in offers.items()},
    )


def _feed(event: str, product: Product, moments: Mapping[str, Moment]) -> Feed:
    meters = tuple(
        (
            meter,
            tuple(
                moment
                for moment in moments.values()
                if isinstance(moment, LimitMoment | MilestoneMoment) and moment.meter == meter.name
            ),
        )
        for meter in product.meters.values()
        if event in (meter.of, meter.less)
    )
    onboardings = tuple(
        moment for moment in moments.values() if isinstance(moment, OnboardingMoment) and event in moment.steps
    )
    by_user = any(meter.by_user for meter, _ in meters) or any(moment.of == "user" for moment in onboardings)
    return Feed(meters, onboardings, by_user)
