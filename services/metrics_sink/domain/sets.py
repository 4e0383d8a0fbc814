"""What the sink needs to know of the set in force: guards, holdout, and since when an offer is judged.

A set is on the wire as the documents that operators wrote. Of these only `stop_if` and `holdout` are read here; that
they make sense was checked before they were published.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml

from schemas.playbooks import OfferPaused, OfferResumed, PlaybookEvent, SetPublished, SetRolledBack, SourceFile
from services.metrics_sink.domain.guard import Guard

HUNDRED: Final = 100
NOTHING: Final = Decimal(0)


@dataclass(frozen=True)
class InForce:
    """The set after the record at offset ``version``.

    ``shares``: what each version holds out. ``judged_from``: the version from which on an offer is judged; one that was
    paused and goes on is judged anew, by accounts that were decided for since.
    """

    version: int
    product: str
    guards: Mapping[str, Guard]
    shares: Mapping[int, Decimal]
    paused: frozenset[str] = frozenset()
    judged_from: Mapping[str, int] = field(default_factory=dict)

    def compared(self, offer: str) -> list[int]:
        """The versions whose accounts are compared: those that held out the same share, since it is judged."""
        share, first = self.shares[self.version], self.judged_from.get(offer, 0)
        return [version for version, held_out in self.shares.items() if held_out == share and version >= first]


def following(before: InForce | None, event: PlaybookEvent, version: int) -> InForce | None:
    """The set after ``event``, a record at offset ``version``; ``before`` when the record does not follow it."""
    match event:
        case SetPublished() | SetRolledBack():
            if event.data.expects is not None and event.data.expects != (before.version if before else None):
                return before
            return _published(before, event.subject, event.data.files, version)
        case OfferPaused() | OfferResumed():
            if before is None:
                return None
            offer = event.data.offer
            paused = before.paused | {offer} if isinstance(event, OfferPaused) else before.paused - {offer}
            return replace(
                before,
                version=version,
                shares={**before.shares, version: before.shares[before.version]},
                paused=paused,
                judged_from={**before.judged_from, offer: version},
            )


def _published(before: InForce | None, product: str, files: tuple[SourceFile, ...], version: int) -> InForce | None:
    try:
        documents = [_document(file.text) for file in files]
        guards = {name: guard for document in documents for name, guard in _guards(document)}
        share = next((_share(document["holdout"]["share"]) for document in documents if "holdout" in document), NOTHING)
    except (yaml.YAMLError, InvalidOperation, ValueError, TypeError, KeyError, AttributeError):
        return before  # no engine takes it either
    made = before or InForce(version, product, {}, {})
    return replace(made, version=version, product=product, guards=guards, shares={**made.shares, version: share})


def _document(text: str) -> dict[str, Any]:
    # the loader of the engine: numbers stay as they are written
    return dict(yaml.load(text, yaml.CBaseLoader) or {})  # noqa: S506 - makes text, lists and mappings alone


def _guards(document: Mapping[str, Any]) -> Iterator[tuple[str, Guard]]:
    for name, offer in (document.get("offers") or {}).items():
        said = offer.get("stop_if")
        if said:
            shares = {key: _share(said[key]) for key in ("dismissed", "tickets") if key in said}
            yield name, Guard(int(said["after"]), **shares)


def _share(text: str) -> Decimal:
    """``40%``, ``+20%`` or ``0.4``."""
    number = Decimal(text.removeprefix("+").removesuffix("%"))
    return number / HUNDRED if text.endswith("%") else number
