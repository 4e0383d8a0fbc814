"""Read a playbook's own guardrails: they hold beside those of the product document, and can only be stricter."""

from collections.abc import Iterator, Mapping

from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import Names
from services.trigger_engine.domain.playbook.document import Entry
from services.trigger_engine.domain.playbook.guardrails import Cap, Guardrails
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_guardrails import read_guardrails
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.segments_reader import Segments


def read_tightening(section: Entry | None, product: Product, segments: Segments, problems: Problems) -> Guardrails:
    """The section; a problem wherever it would allow more than the product document does."""
    before = len(problems.found)
    own = read_guardrails(section, segments.names, _flags(product, segments), problems) if section else Guardrails()
    if section is not None and len(problems.found) == before:
        keys = {entry.key: entry for entry in section.node.entries()}
        for key, told in _loosened(own, product):
            problems.add(keys[key].place, "loosens", f"a playbook can only be stricter: {told}", width=len(key))
    return own


def _flags(product: Product, segments: Segments) -> Names:
    """Levels and segments alone: what an account can be."""
    kinds, refused = segments.names.kinds, segments.names.refused
    flags = {name: Kind.FLAG for name in kinds if name in segments.declared or name.partition(".")[0] in product.levels}
    return Names(flags, {name: told for name, told in refused.items() if name in product.levels})


def _loosened(own: Guardrails, product: Product) -> Iterator[tuple[str, str]]:
    """Each key that allows more, and what it was to be."""
    yield from _quiet(own, product)
    yield from _not_before(own, product)
    yield from (("caps", told) for told in _caps(own.caps, product.caps))
    yield from _back_off(own, product)
    yield from _steps(own, product)


def _quiet(own: Guardrails, product: Product) -> Iterator[tuple[str, str]]:
    states = {state.value: length for state, length in product.quiet.items()}
    states |= {segment.condition.text: segment.cool_down_us for segment in product.quiet_segments}
    said = {state.value: length for state, length in own.quiet.items()}
    said |= {segment.condition.text: segment.cool_down_us for segment in own.quiet_segments}
    for state, length in said.items():
        if state in states and length < states[state]:
            yield "quiet_when", f"the product document is quiet for longer after {state!r}"


def _not_before(own: Guardrails, product: Product) -> Iterator[tuple[str, str]]:
    least = {threshold.name: threshold.least for threshold in product.not_before}
    for threshold in own.not_before:
        if threshold.name in least and threshold.least < least[threshold.name]:
            yield "not_before", f"the product document asks for more of {threshold.name!r}"


def _caps(own: tuple[Cap, ...], product: tuple[Cap, ...]) -> Iterator[str]:
    """A cap beside those of the product document is stricter; one of the same kind that allows more is pointless."""
    allowed: Mapping[tuple[object, ...], int] = {_of_kind(cap): cap.at_most for cap in product}
    for cap in own:
        most = allowed.get(_of_kind(cap))
        if most is not None and cap.at_most > most:
            yield f"the product document allows {most} for each {cap.each} in that time, and this {cap.at_most}"


def _of_kind(cap: Cap) -> tuple[object, ...]:
    return (cap.per_us, cap.calendar, cap.each, cap.of, cap.who.text if cap.who else None)


def _back_off(own: Guardrails, product: Product) -> Iterator[tuple[str, str]]:
    if own.back_off is None or product.back_off is None:
        return
    if own.back_off.after > product.back_off.after:
        yield "back_off", f"the product document backs off after {product.back_off.after}"
    if own.back_off.wait_us < product.back_off.wait_us:
        yield "back_off", "the product document waits longer"


def _steps(own: Guardrails, product: Product) -> Iterator[tuple[str, str]]:
    steps = (
        ("price_step", own.price_step.times, product.price_step.times),
        ("first_price", own.price_step.first, product.price_step.first),
    )
    for key, here, there in steps:
        if here is not None and there is not None and here > there:
            yield key, f"the product document allows {there:f} at most"
