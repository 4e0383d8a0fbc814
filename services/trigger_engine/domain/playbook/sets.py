"""A set: everything published together, compiled once into what each event can lead to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar, get_args

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.instants import FIRST_US
from services.trigger_engine.domain.playbook import rooms
from services.trigger_engine.domain.playbook.alike import Alike, alike
from services.trigger_engine.domain.playbook.asked import asking, behind, conditions_of
from services.trigger_engine.domain.playbook.document import Node, read
from services.trigger_engine.domain.playbook.feeds import Feed, feed_of
from services.trigger_engine.domain.playbook.guardrails import Guardrails, QuietSegment
from services.trigger_engine.domain.playbook.meter_definitions import USER_COUNT, MeterDefinition
from services.trigger_engine.domain.playbook.moments import AnyMoment, BecomesMoment, OnboardingMoment
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.playbook_reader import Playbook, read_playbook
from services.trigger_engine.domain.playbook.problems import Place, Problem, SetRefused
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems

PLAYBOOK: Final = "playbook "
"""Before a playbook's name, which may well be that of a moment too."""


M = TypeVar("M", bound=AnyMoment)


@dataclass(frozen=True, slots=True)
class CompiledSet:
    """The set under its version (its offset on ``rung.playbooks``), looked up by what happens.

    - ``feeds`` by event type; ``moments`` by name, and ``by_kind``; ``meter_keys``: those of its meters
    - ``offers`` by moment, in the order written, and ``by_name``; ``alike``: what they have in common; ``asked``: the
      names that their conditions, and all segments and levels, ask about, by moment
    - ``bounds``: the guardrails of each playbook's offers; ``cooling``: the segments that some of them are quiet after,
      by their text; ``segments``: those of all playbooks, each behind those that it names
    - ``paused``: the offers that an operator, or a guard, stopped
    - ``published``: when each key of a meter and each name of a moment first was (microseconds since 1970 UTC), also of
      those of sets before this one; what is not named always was
    """

    version: int
    product: Product
    moments: Mapping[str, AnyMoment]
    feeds: Mapping[str, Feed]
    by_kind: Mapping[type, tuple[AnyMoment, ...]]
    meter_keys: frozenset[str]
    offers: Mapping[str, tuple[OfferDefinition, ...]]
    by_name: Mapping[str, OfferDefinition] = field(default_factory=dict)
    alike: Mapping[str, Alike] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: Mapping[str, Guardrails] = field(default_factory=dict)
    cooling: Mapping[str, QuietSegment] = field(default_factory=dict)
    segments: Mapping[str, Condition] = field(default_factory=dict)
    paused: frozenset[str] = frozenset()
    published: Mapping[str, int] = field(default_factory=dict)

    def every(self, kind: type[M]) -> tuple[M, ...]:
        """The moments of this kind, in the order written."""
        return self.by_kind.get(kind, ())  # type: ignore[return-value]  # under a type are those of it

    @property
    def onboardings(self) -> tuple[OnboardingMoment, ...]:
        """The onboardings, in the order written."""
        return self.every(OnboardingMoment)

    def has_offer(self, name: str) -> bool:
        """Whether any moment puts this offer forward."""
        return name in self.by_name

    def offer(self, name: str) -> OfferDefinition | None:
        """The offer of this name; None when there is none."""
        return self.by_name.get(name)

    def since(self, name: str) -> int:
        """When this key of a meter, or name of a moment, was published first."""
        return self.published.get(name, FIRST_US)

    def after(self, before: "CompiledSet | None", at: int) -> "CompiledSet":
        """The same set, published at ``at`` after ``before``: what is new in it is so from then on.

        What was paused stays so.
        """
        names = (*sorted(self.meter_keys), *self.moments)
        known = {} if before is None else before.published
        published = {**known, **{name: min(at, known.get(name, at)) for name in names}}
        return replace(self, published=published, paused=self.paused if before is None else before.paused)

    def as_always(self) -> "CompiledSet":
        """The same set as if all of it had been published before all time: history is replayed under it."""
        return replace(self, published={})

    def pausing(self, paused: frozenset[str], version: int) -> "CompiledSet":
        """The same set with these offers stopped, as a version of its own."""
        return replace(self, paused=paused, version=version)


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a set as values, before they are compiled; ``path`` is that of the product document.

    ``scenarios`` are documents that lie beside playbooks, and are no part of the set: their tests.
    """

    path: str
    product: Product
    playbooks: tuple[Playbook, ...]
    scenarios: tuple[Node, ...]


def compile_set(files: Sequence[tuple[str, str]], version: int) -> CompiledSet:
    """Read ``files`` (path and text) and compile them; raises `SetRefused` with every problem found."""
    problems = Problems()
    documents = read_set(files, problems)
    refuse(problems)
    return compiled(documents, version)


def refuse(problems: Problems) -> None:
    """Raise `SetRefused` when anything is wrong, or more than this version carries out."""
    if problems.found or problems.later_found:
        raise SetRefused([*problems.found, *problems.later_found])


def read_set(files: Sequence[tuple[str, str]], problems: Problems) -> Documents:
    """The documents in ``files``; raises `SetRefused` when they can not be told apart, else notes what is wrong."""
    roots = _read_all(files)
    products = [root for root in roots if isinstance(root.value, dict) and "product" in root.value]
    if len(products) != 1:
        raise SetRefused([_not_one(products, files)])
    scenarios = tuple(root for root in roots if isinstance(root.value, dict) and "scenarios" in root.value)
    others = [root for root in roots if root is not products[0] and root not in scenarios]
    product = read_product(products[0], problems, _segments(others))
    playbooks = tuple(read_playbook(root, product, problems) for root in others)
    _ids_are_unique(others, problems)
    _fits(products[0].place, product, playbooks, problems)
    return Documents(products[0].place.path, product, playbooks, scenarios)


def _read_all(files: Sequence[tuple[str, str]]) -> list[Node]:
    roots: list[Node] = []
    unreadable: list[Problem] = []
    for path, text in files:
        try:
            roots.append(read(path, text))
        except SetRefused as refused:
            unreadable.extend(refused.problems)
    if unreadable:
        raise SetRefused(unreadable)
    return roots


def _not_one(products: Sequence[Node], files: Sequence[tuple[str, str]]) -> Problem:
    if not products:
        place = Place(files[0][0] if files else "(no file)", 1, 1)
        return Problem(place, "one-product", "a set needs a product document: none of these has the key 'product'")
    told = f"a set has one product document, and {products[0].place.path} is one already: check each set by itself"
    return Problem(products[1].place, "one-product", told)


def _ids_are_unique(playbooks: Sequence[Node], problems: Problems) -> None:
    """Moments, segments, offers and playbooks are told apart by their names alone, wherever in the set they stand."""
    seen: dict[str, Place] = {}
    for name, place in (named for playbook in playbooks for named in _names(playbook)):
        if name in seen:
            told = f"{name!r} stands at {seen[name]} already; ids are unique in the set"
            problems.add(place, "twice", told, width=len(name.removeprefix(PLAYBOOK)))
        seen.setdefault(name, place)


def _fits(place: Place, product: Product, playbooks: Sequence[Playbook], problems: Problems) -> None:
    """What is kept of an account has its bound, however much a set asks for."""
    moments = [moment for playbook in playbooks for moment in playbook.moments.values()]
    if rooms.size_for(product.meters.values(), moments) is None:
        kib = rooms.ROOM_BYTES // 1024
        told = f"all meters and moments of a set have {kib} KiB of an account, and these could take more"
        problems.add(place, "crowded", f"{told}: leave some out, first of those that roll or tell values apart")


def _names(playbook: Node) -> Iterator[tuple[str, Place]]:
    for section in playbook.entries():
        if section.key == "playbook" and isinstance(section.node.value, str):
            yield PLAYBOOK + section.node.value, section.node.place
        elif section.key in ("moments", "segments", "offers"):
            yield from ((entry.key, entry.place) for entry in section.node.entries())


def _segments(playbooks: Sequence[Node]) -> tuple[str, ...]:
    sections = (section for playbook in playbooks for section in playbook.entries() if section.key == "segments")
    return tuple(entry.key for section in sections for entry in section.node.entries())


def compiled(documents: Documents, version: int) -> CompiledSet:
    """What each event can lead to, of documents without a problem."""
    playbooks = documents.playbooks
    segments = {name: asks for playbook in playbooks for name, asks in playbook.segments.read.items()}
    written = {
        name: asking(moment, segments, documents.product)
        for playbook in playbooks
        for name, moment in playbook.moments.items()
    }
    size = rooms.size_for(documents.product.meters.values(), written.values()) or rooms.SIZES[-1]
    product = replace(documents.product, meters=rooms.roomed_meters(documents.product.meters, size))
    moments = rooms.roomed_moments(written, size)
    bounds = {playbook.name: product.guardrails.tightened(playbook.guardrails) for playbook in playbooks}
    by_name = {name: offer for playbook in playbooks for name, offer in playbook.offers.items()}
    offers: dict[str, list[OfferDefinition]] = {name: [] for name in moments}
    for offer in by_name.values():
        for name in offer.on:
            offers[name].append(offer)
    asked = {name: _asked(made, product, bounds, segments) for name, made in offers.items()}
    all_meters = tuple(_counted(product, moments, asked.values()))
    quiet = {name for some in bounds.values() for name in _behind_quiet(some, product, segments)}
    return CompiledSet(
        version=version,
        product=product,
        moments=moments,
        feeds={event: feed_of(event, all_meters, moments, quiet) for event in product.events},
        by_kind={
            kind: tuple(moment for moment in moments.values() if type(moment) is kind) for kind in get_args(AnyMoment)
        },
        meter_keys=frozenset(meter.key for meter in all_meters),
        offers={name: tuple(made) for name, made in offers.items()},
        by_name=by_name,
        alike=alike(by_name.values(), bounds),
        asked=asked,
        bounds=bounds,
        cooling=_cooling(bounds.values()),
        segments=segments,
    )


def _counted(
    product: Product, moments: Mapping[str, AnyMoment], asked: Iterable[tuple[str, ...]]
) -> Iterator[MeterDefinition]:
    """All meters of the set; the users of an account are counted where anything asks how many they are."""
    yield from product.meters.values()
    of_moments = (moment.asks for moment in moments.values() if isinstance(moment, BecomesMoment))
    in_use = (behind(condition.reads, {}, product.levels) for condition in product.in_use.values())
    if any(USER_COUNT.name in names for names in (*asked, *of_moments, *map(tuple, in_use))):
        yield USER_COUNT


def _asked(
    offers: Sequence[OfferDefinition],
    product: Product,
    bounds: Mapping[str, Guardrails],
    segments: Mapping[str, Condition],
) -> tuple[str, ...]:
    """The plain names that tell all there is to know of an account, when these offers compete."""
    conditions = [asks for offer in offers for asks in conditions_of(offer, bounds[offer.playbook])]
    rungs = [asks for level in product.levels.values() for asks in level.rungs.values()]
    names = (name for asks in (*conditions, *segments.values(), *rungs) for name in asks.reads)
    return tuple(sorted(set(behind(names, segments, product.levels))))


def _behind_quiet(bounds: Guardrails, product: Product, segments: Mapping[str, Condition]) -> Iterator[str]:
    """What the segments ask about that are left alone."""
    for segment in bounds.quiet_segments:
        yield from behind(segment.condition.reads, segments, product.levels)


def _cooling(bounds: Iterable[Guardrails]) -> dict[str, QuietSegment]:
    """The segments with a cool-down, each with the longest that is asked for."""
    found: dict[str, QuietSegment] = {}
    for segment in (segment for some in bounds for segment in some.quiet_segments if segment.cool_down_us):
        known = found.get(segment.condition.text, segment)
        found[segment.condition.text] = max(known, segment, key=lambda one: one.cool_down_us)
    return found
