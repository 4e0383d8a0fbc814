"""The journal does not say what happened, or when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.times import instant
from oracle.violations import Kind
from tests.oracle.mutations.making import flagged, is_type
from tests.oracle.mutations.rules import other_rules

if TYPE_CHECKING:
    from tests.oracle.tampering import Body, Tampering


@flagged(Kind.JOURNAL)
def a_transaction_is_not_in_the_journal(logs: Tampering) -> None:
    logs.drop([p for p in logs.raw("engine-journal") if p.key[1] == 0][2])


@flagged(Kind.JOURNAL)
def a_transaction_is_in_the_journal_twice(logs: Tampering) -> None:
    place = [p for p in logs.raw("engine-journal") if p.key[1] == 0][2]
    logs.insert(place, place.record)


@flagged(Kind.COUNT)
def the_journal_counts_one_offer_too_many(logs: Tampering) -> None:
    logs.edit(logs.first("engine-journal"), lambda body: body.update(offers=body["offers"] + 1))


@flagged(Kind.COUNT)
def the_journal_counts_one_slice_too_few(logs: Tampering) -> None:
    logs.edit(logs.first("engine-journal"), lambda body: body.update(slices=body["slices"] - 1))


@flagged(Kind.DIGEST)
def the_digest_is_another(logs: Tampering) -> None:
    logs.edit(logs.first("engine-journal"), lambda body: body.update(digest="0" * 32))


@flagged(Kind.DIGEST)
def a_record_says_the_same_in_other_bytes(logs: Tampering) -> None:
    place = logs.first("offers")
    logs.put(place, (place.record.value or b"").replace(b'"specversion":', b'"specversion" :'))


@flagged(Kind.DIFFERENT)
def now_was_another(logs: Tampering) -> None:
    place = logs.first("engine-journal", lambda body: body["offers"] > 0 and "usage" in body["segments"][0]["stream"])
    logs.edit(place, lambda body: body["segments"][0].update(now=body["segments"][0]["now"] - 1))


@flagged(Kind.JOURNAL)
def now_went_backwards(logs: Tampering) -> None:
    place = [p for p in logs.raw("engine-journal") if p.key[1] == 0][-1]
    logs.edit(place, lambda body: body["segments"][-1].update(now=0))


@flagged(Kind.SET)
def a_set_that_was_refused_decided(logs: Tampering) -> None:
    place = logs.first("engine-journal", lambda body: body["version"] == 2)
    logs.edit(place, lambda body: body.update(version=1))


@flagged(Kind.SET)
def an_older_set_came_back_by_itself(logs: Tampering) -> None:
    place = [p for p in logs.raw("engine-journal") if p.key[1] == 0][-1]
    logs.edit(place, lambda body: body.update(version=0))


@flagged(Kind.MISSING)
def a_pause_was_not_heeded(logs: Tampering) -> None:
    """The oracle is told of a pause of another offer, and the engine neither withheld nor revoked that one."""
    place = logs.first("playbooks", is_type("offer_paused"))
    logs.edit(place, lambda body: body["data"].update(offer="report_insights"))


# --- timers -----------------------------------------------------------------------------------------


@flagged(Kind.DIFFERENT)
def a_timer_fired_too_early(logs: Tampering) -> None:
    other_rules(logs, "open_for: 1s", "open_for: 2s")


@flagged(Kind.DIFFERENT)
def a_timer_fired_too_late(logs: Tampering) -> None:
    expired = list(logs.every("offers", is_type("offer_expired")))

    def fired(segment: Body) -> bool:
        return segment["stream"] == "tick" and any(instant(p.body["time"]) == segment["now"] for p in expired)

    place = logs.first("engine-journal", lambda body: any(map(fired, body["segments"])))
    number = next(n for n, segment in enumerate(place.body["segments"]) if fired(segment))
    logs.edit(place, lambda body: body["segments"][number].update(now=body["segments"][number]["now"] + 1))


@flagged(Kind.STATE)
def a_timer_never_fired(logs: Tampering) -> None:
    place, number = logs.entry_with("tick")
    logs.edit(place, lambda body: body["segments"].pop(number))
