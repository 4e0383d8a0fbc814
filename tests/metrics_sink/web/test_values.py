from __future__ import annotations

import json

from services.metrics_sink.web.values import values
from tests.metrics_sink.web.reports import NOTHING, some


def test_every_value_of_the_report_is_told_exactly() -> None:
    told = json.loads(json.dumps(values(some())))
    assert set(told) == {
        "at", "currency", "decisions", "share_held_out", "offers", "playbooks", "months", "withheld", "waiting",
        "customers", "segments", "owning", "too_late", "costs",
    }  # fmt: skip
    assert told["at"] == "2026-11-28T17:30:00+00:00"
    assert told["withheld"][0] == {"reason": "capped", "decisions": 18_422, "accounts": 7_011, "offer": "more_storage"}
    conversion = told["offers"][0]["effect"]["figures"]["conversion"]
    assert conversion["treated"] == {"accounts": 8_000, "total": "1100", "squares": "1100"}
    assert set(conversion["difference"]) == {"estimate", "lower", "upper"}


def test_what_follows_from_values_is_told_beside_them() -> None:
    told = values(some())
    october = told["months"][4]
    assert (october["month"], october["mark"], october["once"]) == ("2026-10-01", "above 100 %", "1000")
    assert told["customers"]["once"] == "1000"
    assert (october["retention"]["net"], october["retention"]["gross"]) == ("1.19705", "0.947")
    assert told["costs"]["times"] == "6"
    first = told["too_late"]["furthest"][0]
    assert (first["beyond"]["times"], first["is_far"], first["waited"]) == ("14", True, 12 * 86_400.0)
    assert told["offers"][0]["funnel"]["propensity"] == "0.121"


def test_what_is_not_known_is_null() -> None:
    told = values(NOTHING)
    assert told["waiting"]["median_days"] is None
    assert told["costs"] is None
