"""A log replayed in memory: what an engine in a backfill would tell of it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from schemas.dead_letters import DeadLetterReason
from schemas.offers import OfferDismissed, OfferExpired, OfferMade
from schemas.probe import EVENT, MARK, SOURCE
from services.kit.clock import to_datetime
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Record
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.metrics import Handled
from services.trigger_engine.runtime.replay import Part, Replay
from tests.trigger_engine.domain.building import only, reason
from tests.trigger_engine.runtime.sets import sample_core
from tests.trigger_engine.runtime.test_intake import HOUR_US, NOON, SetClock

if TYPE_CHECKING:
    from schemas.envelope import Envelope

DAY_US = 24 * HOUR_US


class Heard:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Envelope] = []
        self.reasons: dict[int, DeadLetterReason] = {}

    def event(self, event: Envelope) -> None:
        self.events.append(event)

    def refused(self, offset: int, reason: DeadLetterReason, detail: str) -> None:
        assert detail
        self.reasons[offset] = reason


def replayed(heard: Heard, part: Part | None = None) -> Replay:
    rules = sample_core().rules
    return Replay(rules, part or Part(), DAY_US, (SetClock(NOON + 30 * DAY_US), EventWire()), heard)


def record(offset: int, event_type: str, at: int, account: str = "acme", **more: Any) -> Record:
    body = {
        "specversion": "1.0",
        "id": more.pop("id", f"e-{offset}"),
        "source": "backend",
        "type": event_type,
        "subject": account,
        "time": to_datetime(at).isoformat().replace("+00:00", "Z"),
    }
    return Record("", 0, offset, account.encode(), json.dumps(body | more).encode(), (), 0)


def stored(size_gb: float) -> dict[str, Any]:
    return {"properties": {"size_gb": size_gb}}


def test_what_an_engine_would_publish_is_heard_in_order() -> None:
    heard = Heard()
    replayed(heard).usages([record(1, "file.stored", NOON, data=stored(1.7))])
    assert [event.type for event in heard.events] == ["rung.decided", "rung.offer_made", "rung.offer_judged"]


def test_freshness_goes_by_the_time_of_the_event_however_old_the_log() -> None:
    heard = Heard()
    replayed(heard).usages([record(1, "report.exported", NOON - 300 * DAY_US)])
    assert only(OfferMade, heard.events).data.offer.made_at == to_datetime(NOON - 300 * DAY_US)


def test_silent_accounts_time_out_when_the_log_goes_on_without_them() -> None:
    heard = Heard()
    replay = replayed(heard)
    replay.usages([record(1, "file.stored", NOON, data=stored(1.7))])
    replay.usages([record(2, "file.shared", NOON + 4 * DAY_US, account="other")])
    assert only(OfferExpired, heard.events).data.at == to_datetime(NOON + 3 * DAY_US)


def test_copies_count_once_and_what_is_late_or_no_event_is_set_aside() -> None:
    heard = Heard()
    replay = replayed(heard)
    first = record(1, "file.stored", NOON, data=stored(1.0), id="same")
    late = record(3, "file.stored", NOON - 2 * DAY_US, data=stored(1.0))
    replay.usages([first, first._replace(offset=2), late, first._replace(offset=4, value=b"{")])
    assert replay.handled == Counter({Handled.COUNTED: 1, Handled.DUPLICATE: 1})
    assert heard.reasons == {3: DeadLetterReason.LATE, 4: DeadLetterReason.UNREADABLE}


def test_a_copy_is_known_long_after_it_was_taken_in() -> None:
    heard = Heard()
    replay = replayed(heard)
    for hour in range(6):
        replay.usages([record(hour, "file.stored", NOON + hour * HOUR_US, data=stored(0.1))])
    replay.usages([record(9, "file.stored", NOON, data=stored(0.1), id="e-0")])
    assert replay.handled[Handled.DUPLICATE] == 1


def test_a_no_keeps_the_family_away() -> None:
    heard = Heard()
    replay = replayed(heard)
    replay.usages([record(1, "report.exported", NOON)])
    offer = only(OfferMade, heard.events).data.offer.offer_id
    replay.responses([record(2, "rung.responded", NOON + HOUR_US, data={"offer": offer, "response": "dismissed"})])
    replay.usages([record(3, "workspace.created", NOON + HOUR_US), record(4, "member.invited", NOON + 2 * HOUR_US)])
    assert only(OfferDismissed, heard.events).data.offer_id == offer
    assert reason(heard.events[-1:]) == "dismissed"


def test_a_response_to_an_offer_that_this_set_does_not_make_is_set_aside() -> None:
    heard = Heard()
    replayed(heard).responses([record(7, "rung.responded", NOON, data={"offer": "gone", "response": "dismissed"})])
    assert heard.reasons == {7: DeadLetterReason.UNKNOWN_OFFER}


def test_an_account_that_lies_in_another_partition_is_set_aside() -> None:
    heard = Heard()
    mine = partition_of("acme", 4)
    replayed(heard, Part(mine, 4)).usages([record(1, "report.exported", NOON)])
    assert not heard.reasons
    replayed(heard, Part((mine + 1) % 4, 4)).usages([record(2, "report.exported", NOON)])
    assert heard.reasons == {2: DeadLetterReason.WRONG_PARTITION}


def test_the_same_log_gives_the_same_events_however_it_is_cut() -> None:
    log = [record(n, "file.stored", NOON + n * HOUR_US, account=f"a-{n % 3}", data=stored(0.4)) for n in range(40)]
    whole, pieces = Heard(), Heard()
    replayed(whole).usages(log)
    in_pieces = replayed(pieces)
    for start in range(0, len(log), 7):
        in_pieces.usages(log[start : start + 7])
    assert whole.events
    assert pieces.events == whole.events


def test_accounts_of_the_probe_are_in_no_replay() -> None:
    heard = Heard()
    told = replayed(heard)
    told.usages(
        [
            record(0, EVENT, NOON, f"{MARK}main:1", source=SOURCE, data={"user": "u-1"}),
            record(1, EVENT, NOON, f"{MARK}main:1", data={"user": "u-1"}),
            record(2, "report.exported", NOON),
        ]
    )
    told.responses([record(3, "rung.responded", NOON, f"{MARK}main:1", data={"offer": "x", "response": "clicked"})])
    assert {event.subject for event in heard.events} == {"acme"}
    assert heard.reasons == {}
    assert sum(told.handled.values()) == 1
