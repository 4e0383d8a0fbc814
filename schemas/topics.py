"""All topics, in the order of the flow. One row tells who writes, who reads, what is in it and how long it is kept."""

from dataclasses import dataclass
from types import UnionType
from typing import Final

from schemas.decisions import Decided
from schemas.facts import Fact
from schemas.journal import JournalEntry
from schemas.offers import OfferEvent
from schemas.outcomes import OutcomeEvent
from schemas.playbooks import PlaybookEvent
from schemas.responses import Responded
from schemas.usage import UsageEvent

DEFAULT_PREFIX: Final = "rung"
"""First part of every topic's name; a second product on the same Kafka has its own."""

DEFAULT_PARTITIONS: Final = 12
"""Divides evenly among 1, 2, 3, 4, 6 and 12 engines. Never changed later: that would split accounts."""

DAY_MS: Final = 24 * 60 * 60 * 1000
KEPT_MS: Final = 30 * DAY_MS
"""How long a log can be replayed."""

FOREVER_MS: Final = -1


@dataclass(frozen=True)
class Topic:
    """One topic.

    ``per_account``: keyed by account and partitioned by murmur2 of it: all partitions p belong to one owner; else
    one partition. ``events`` is the closed union of what is in it; absent when the records are in a format of the
    engine's own.
    """

    name: str
    events: UnionType | type | None
    key: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    meaning: str
    per_account: bool = True
    compacted: bool = False
    retention_ms: int = KEPT_MS

    def under(self, prefix: str) -> str:
        """The topic's full name in a deployment, such as ``rung.usage``."""
        return f"{prefix}.{self.name}"


PLAYBOOKS: Final = Topic(
    name="playbooks",
    events=PlaybookEvent,
    key="product",
    producers=("cli", "metrics_sink"),
    consumers=("trigger_engine", "metrics_sink"),
    meaning="Each record is the whole set; its offset is the version.",
    per_account=False,
    retention_ms=FOREVER_MS,
)
USAGE: Final = Topic(
    name="usage",
    events=UsageEvent | Fact,
    key="account",
    producers=("backend services",),
    consumers=("trigger_engine",),
    meaning="What happened in the product, and what is true of an account.",
)
RESPONSES: Final = Topic(
    name="responses",
    events=Responded,
    key="account",
    producers=("offer_api",),
    consumers=("trigger_engine",),
    meaning="What front ends report of offers; intake only.",
)
OFFERS: Final = Topic(
    name="offers",
    events=OfferEvent,
    key="account",
    producers=("trigger_engine",),
    consumers=("offer_api",),
    meaning="The one log of every offer's life.",
)
OUTCOMES: Final = Topic(
    name="outcomes",
    events=OutcomeEvent,
    key="account",
    producers=("trigger_engine",),
    consumers=("metrics_sink",),
    meaning="The same story for analysis, wide, and every accepted fact.",
)
DECISIONS: Final = Topic(
    name="decisions",
    events=Decided,
    key="account",
    producers=("trigger_engine",),
    consumers=("offer_api", "metrics_sink"),
    meaning="What was decided at each moment, also when it was nothing, with reasons.",
)
DEAD_LETTERS: Final = Topic(
    name="dead-letters",
    events=None,
    key="as received",
    producers=("trigger_engine", "offer_api", "metrics_sink"),
    consumers=("operators",),
    meaning="Messages nobody could act on: the original record, with reason and origin in its headers.",
)
ENGINE_STATE: Final = Topic(
    name="engine-state",
    events=None,
    key="slice",
    producers=("trigger_engine",),
    consumers=("trigger_engine",),
    meaning="State slices and the position of each partition; what an engine restores from.",
    compacted=True,
    retention_ms=FOREVER_MS,
)
ENGINE_SEEN: Final = Topic(
    name="engine-seen",
    events=None,
    key="hour",
    producers=("trigger_engine",),
    consumers=("trigger_engine",),
    meaning="Ids of usage events that were counted; trimmed by the engine when they could only be late.",
    retention_ms=FOREVER_MS,
)
ENGINE_JOURNAL: Final = Topic(
    name="engine-journal",
    events=JournalEntry,
    key="partition",
    producers=("trigger_engine",),
    consumers=("oracle",),
    meaning="One record a transaction: what it took in and gave out.",
)

FLOW: Final = (
    PLAYBOOKS,
    USAGE,
    RESPONSES,
    OFFERS,
    OUTCOMES,
    DECISIONS,
    DEAD_LETTERS,
    ENGINE_STATE,
    ENGINE_SEEN,
    ENGINE_JOURNAL,
)
"""Every topic, in the order of the flow."""
