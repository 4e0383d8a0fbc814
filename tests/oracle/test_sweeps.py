"""Where all accounts were brought over to a new set, no offer is left that this set does not leave open."""

from __future__ import annotations

import pytest

from oracle.verify import verify
from services.kit.clock import to_datetime
from tests.oracle.test_power import AT_ONCE
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.playing import START_US, published

PRODUCT = """
product: files
history: starts_empty
events: {report.exported: {}}
meters: {exports: {count: report.exported}}
plans: [{id: free, price: 0}]
products: [{id: photos, price: {month: 4}}]
placements: [banner]
"""
PLAYBOOK = """
playbook: reports
moments: {first: {milestone: exports, reaches: 1}}
offers: {o: {on: [first], add: photos}}
"""


def told(dry: Dry, kind: str, number: int, **data: object) -> None:
    dry.send(
        "usage",
        {
            "specversion": "1.0", "id": f"e-{number}", "source": "app", "type": kind, "subject": "acme",
            "time": to_datetime(dry.clock.now + number).isoformat(), "data": data,
        },
    )  # fmt: skip


@pytest.mark.parametrize("sweeps", [True, False])
def test_an_offer_that_a_new_set_would_not_leave_open_is_missed(*, sweeps: bool) -> None:
    dry = Dry(START_US)
    dry.tell_sets(published(PRODUCT, PLAYBOOK, at=START_US))
    told(dry, "rung.ticket_opened", 1, ticket="t-1")
    told(dry, "report.exported", 2)
    dry.turn()
    dry.sweeps = sweeps
    dry.tell_sets(published(f"{PRODUCT}guardrails: {{quiet_when: [open_ticket]}}\n", PLAYBOOK, at=START_US + 1))
    dry.turn()
    told(dry, "report.exported", 3)
    dry.turn()
    dry.turn()
    found = [violation.expected for violation in verify(dry.logs, AT_ONCE).violations]
    assert [expected.split(" ", 1)[1] for expected in found] == (
        [] if sweeps else ["revoked as open_ticket in version 1"]
    )
