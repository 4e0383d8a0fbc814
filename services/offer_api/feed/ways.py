"""How what the engine says came about, as the headers of its records tell."""

from schemas.offers import OfferChanged, OfferEvent, OfferMade
from schemas.stages import Stage, stages_from_headers
from schemas.traces import kept_trace
from services.kit.kafka.reader import Record
from services.offer_api.domain.row import UNKNOWN, Way


def way_of(event: OfferEvent, record: Record) -> Way:
    """The way of an offer that ``record`` makes fetchable; of all else nobody asks."""
    if not isinstance(event, OfferMade | OfferChanged):
        return UNKNOWN
    return Way(stages_from_headers(record.headers).get(Stage.PRODUCED), kept_trace(record.headers))
