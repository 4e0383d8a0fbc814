"""Check a playbook that was read without a fault: what it says is understood, and now whether it makes sense."""

from collections.abc import Iterable, Iterator

from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.follow_ups import check_follow_ups
from services.trigger_engine.domain.playbook.honesty import refuse_dark_words, warn_of_welcome
from services.trigger_engine.domain.playbook.moments import (
    ForecastMoment,
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
)
from services.trigger_engine.domain.playbook.never_made import (
    check_goods,
    check_reach,
    check_shadowed,
    check_upgrade,
)
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.playbook_reader import Playbook
from services.trigger_engine.domain.playbook.product import Each, History, Product, Quiet, Span
from services.trigger_engine.domain.playbook.reach import Reach, Reaches
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.rungs import moves_of
from services.trigger_engine.domain.playbook.signals import check_signal
from services.trigger_engine.domain.playbook.written import Written


def check_playbook(playbook: Playbook, product: Product, problems: Problems) -> None:
    """Note what can never come true, what would nag, and what has nothing to show for it."""
    reaches = Reaches(product, playbook.segments.read)
    segments = playbook.sources.named("segments")
    for name, condition in playbook.segments.read.items():
        if reaches.of(condition).nobody:
            told = f"no account can be in segment {name!r}: its condition is never true"
            problems.add(segments[name].node.place, "empty-segment", told, width=len(condition.text))
    for offer in playbook.offers.values():
        _check_offer(offer, playbook, reaches.of(offer.only_for), product)
    if not any(cap.each is Each.OFFER for cap in (*product.caps, *playbook.guardrails.caps)):
        _check_shadows(playbook)  # else one offer can be used up, and then the other has its turn
    check_follow_ups(playbook, product)
    _check_ends(playbook, product, problems)
    _warn_of_baselines(playbook, product, problems)


def _check_shadows(playbook: Playbook) -> None:
    for alike in _alike(playbook.offers.values()):
        for offer in alike:
            check_shadowed(playbook.sources.offers[offer.name], offer, alike)


def _alike(offers: Iterable[OfferDefinition]) -> Iterable[list[OfferDefinition]]:
    """Offers of the same thing in the same family: only they can stand in each other's way for good."""
    found: dict[object, list[OfferDefinition]] = {}
    for offer in offers:
        found.setdefault((offer.does, offer.family), []).append(offer)
    return found.values()


def _check_offer(offer: OfferDefinition, playbook: Playbook, reach: Reach, product: Product) -> None:
    written = playbook.sources.offers[offer.name]
    moments = [playbook.moments[name] for name in offer.on]
    check_reach(written, offer, reach)
    if not reach.nobody:
        check_upgrade(written, offer, moments, reach, product.price_step.tightened(playbook.guardrails.price_step))
        check_goods(written, offer, reach)
    if offer.stop_if is not None and offer.stop_if.tickets is not None and product.holdout is None:
        told = "tickets are compared with those held out, and the product document has no 'holdout'"
        written.add("stop_if", "no-holdout", told)
    _check_words(offer, playbook, reach, product)
    check_signal(written, offer, playbook.moments, playbook.segments)


def _check_words(offer: OfferDefinition, playbook: Playbook, reach: Reach, product: Product) -> None:
    """No dark pattern in plain words; and none for newcomers, where the offer can reach an account that pays."""
    written = playbook.sources.offers[offer.name]
    moves = moves_of(offer.does, product)
    reached = reach.plans if moves is None else reach.plans & {move.before for move in moves}
    reaches_payers = any(any(product.plans[plan].prices.values()) for plan in reached)
    for node in _texts(written):
        text = str(node.value)
        refuse_dark_words(text, node, written.problems)
        if reaches_payers:
            warn_of_welcome(text, node, written.problems)


def _texts(written: Written) -> Iterator[Node]:
    """All that an offer says."""
    content = written.node("content")
    for entry in content.entries() if content else ():
        yield from (node for node in (entry.node, *_nested(entry.node)) if isinstance(node.value, str))
    note = written.node("note")
    if note is not None:
        yield note


def _nested(node: Node) -> Iterator[Node]:
    return (inner.node for inner in node.entries())


def _check_ends(playbook: Playbook, product: Product, problems: Problems) -> None:
    """An onboarding that keeps offers away must end some day."""
    entries = playbook.sources.named("moments")
    quiet = product.guardrails.tightened(playbook.guardrails).quiet
    for moment in playbook.moments.values():
        if isinstance(moment, OnboardingMoment) and moment.within_us is None and Quiet.ONBOARDING in quiet:
            told = f"moment {moment.name!r} keeps offers away while it lasts (quiet_when), so it needs 'within'"
            problems.add(entries[moment.name].place, "endless-onboarding", told, width=len(moment.name))


def _warn_of_baselines(playbook: Playbook, product: Product, problems: Problems) -> None:
    """With a history that nobody knows, what counts for ever waits for somebody to say where it stands."""
    if product.history is not History.UNKNOWN:
        return
    entries = playbook.sources.named("moments")
    for moment in playbook.moments.values():
        if isinstance(moment, LimitMoment | MilestoneMoment | ForecastMoment) and _counts_on(moment.meter, product):
            told = f"moment {moment.name!r} waits until rung.meter_set says what {moment.meter!r} stands at"
            problems.warn(entries[moment.name].place, "needs-baseline", told, width=len(moment.name))


def _counts_on(meter: str, product: Product) -> bool:
    return product.meters[meter].span in (Span.EVER, Span.BILLING_PERIOD)
