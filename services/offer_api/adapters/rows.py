"""An offer's row as the domain knows it and as the table holds it."""

from typing import Any, Protocol

from schemas.offers import Offer
from schemas.traces import Trace
from services.offer_api.domain.row import OfferRow, Report, Way
from services.offer_api.domain.state import OVER, State


class Columns(Protocol):
    """Values by the names of their columns."""

    def __getitem__(self, name: str, /) -> Any:
        """One of them."""


def to_columns(row: OfferRow) -> dict[str, Any]:
    """Column names and values of ``row``."""
    report = row.report
    return {
        "account": row.account,
        "offer_id": row.offer.offer_id,
        "sequence": row.sequence,
        "state": row.state.value,
        "over": row.state in OVER,
        "snoozed_until": row.snoozed_until,
        "changed_offset": row.offset,
        "reported": report.state.value if report else None,
        "reported_id": report.response_id if report else None,
        "reported_until": report.until if report else None,
        "taken": list(row.taken),
        "offer": row.offer.model_dump(mode="json", exclude_none=True),
        "produced_ms": row.way.produced_ms,
        "trace": None if row.way.trace is None else str(row.way.trace),
    }


def from_columns(columns: Columns) -> OfferRow:
    """The row that `to_columns` made these of; the driver itself leaves the offer as its text."""
    offer, trace = columns["offer"], columns["trace"]
    return OfferRow(
        account=columns["account"],
        offer=Offer.model_validate_json(offer) if isinstance(offer, str) else Offer.model_validate(offer),
        sequence=columns["sequence"],
        state=State(columns["state"]),
        offset=columns["changed_offset"],
        snoozed_until=columns["snoozed_until"],
        report=_report(columns),
        taken=tuple(columns["taken"]),
        way=Way(columns["produced_ms"], None if trace is None else Trace.read(trace)),
    )


def _report(columns: Columns) -> Report | None:
    if columns["reported"] is None:
        return None
    return Report(State(columns["reported"]), columns["reported_id"], columns["reported_until"])
