"""What the engine keeps for itself is not what follows: slices, positions, ids of what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from oracle.violations import Kind
from tests.oracle.mutations.making import flagged, is_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.tampering import Place, Tampering


@flagged(Kind.STATE)
def a_meter_is_off_by_one(logs: Tampering) -> None:
    def change(fields: list[Any]) -> None:
        row = bytearray(fields[1][1])
        row[0] ^= 1
        fields[1][1] = bytes(row)

    logs.edit_slice(next(p for p in logs.slices() if msgpack_field(p, 1)[1]), change)


def msgpack_field(place: Place, number: int) -> Any:
    return msgspec.msgpack.decode((place.record.value or b"")[9:])[number]


@flagged(Kind.STATE)
def a_fact_in_the_state_is_another(logs: Tampering) -> None:
    logs.edit_slice(next(p for p in logs.slices() if msgpack_field(p, 0)), lambda fields: fields[0].clear())


@flagged(Kind.STATE)
def an_offer_in_the_state_is_open_again(logs: Tampering) -> None:
    over = next(p for p in logs.slices() if any(offer[22] for offer in msgpack_field(p, 3)))
    logs.edit_slice(over, lambda fields: [offer.__setitem__(22, None) for offer in fields[3]])


@flagged(Kind.STATE)
def a_slice_was_not_stored(logs: Tampering) -> None:
    logs.drop(logs.slices()[0])


@flagged(Kind.STATE)
def a_slice_was_stored_for_nobody(logs: Tampering) -> None:
    place = logs.slices()[0]
    logs.insert(place, place.record._replace(key=b"A\x00\x06nobody"))


@flagged(Kind.STATE)
def a_slice_was_stored_under_what_is_no_name(logs: Tampering) -> None:
    place = logs.slices()[0]
    logs.insert(place, place.record._replace(key=b"A\x00\x02\xff\xfe"))


@flagged(Kind.STATE)
def a_slice_is_due_at_another_time(logs: Tampering) -> None:
    place = next(p for p in logs.slices() if (p.record.value or b"")[0] == 0)
    logs.put(place, b"\x00" * 8 + (place.record.value or b"")[8:])


@flagged(Kind.STATE)
def what_an_erased_account_had_is_left(logs: Tampering) -> None:
    logs.drop(next(p for p in logs.raw("engine-state") if p.record.value is None))


@flagged(Kind.STATE)
def nothing_marks_that_an_account_was_erased(logs: Tampering) -> None:
    logs.drop(next(p for p in logs.raw("engine-state") if (p.record.key or b"")[:1] == b"E"))


@flagged(Kind.MISSING)
def an_erasure_was_not_told(logs: Tampering) -> None:
    logs.drop(logs.first("offers", is_type("offers_erased")))


@flagged(Kind.POSITION)
def the_position_is_one_too_far(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[0], 2, 1)


@flagged(Kind.POSITION)
def a_position_is_none(logs: Tampering) -> None:
    logs.put(logs.positions()[0], b"\x91\xa1\xff")


@flagged(Kind.POSITION)
def the_position_is_one_behind(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[0], 2, -1)


@flagged(Kind.POSITION)
def the_position_of_responses_is_one_behind(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[-1], 3, -1)


@flagged(Kind.POSITION)
def stream_time_is_another(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[1], 4, 1)


@flagged(Kind.POSITION)
def the_floor_fell(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[1], 5, -1)


@flagged(Kind.POSITION)
def the_last_position_is_missing(logs: Tampering) -> None:
    logs.drop(logs.positions()[-1])


def _with(raw: bytes | None, change: Callable[[list[str]], list[str]]) -> bytes:
    known: dict[str, list[str]] = msgspec.msgpack.decode(raw or b"")
    return msgspec.msgpack.encode({source: change(ids) for source, ids in known.items()})


@flagged(Kind.SEEN)
def what_is_remembered_is_no_text(logs: Tampering) -> None:
    logs.put(next(logs.raw("engine-seen")), b"\x81\xa1\xff\x90")


@flagged(Kind.SEEN)
def an_id_is_not_remembered(logs: Tampering) -> None:
    place = next(logs.raw("engine-seen"))
    logs.put(place, _with(place.record.value, lambda ids: ids[1:]))


@flagged(Kind.SEEN)
def an_id_is_remembered_that_was_not_counted(logs: Tampering) -> None:
    place = list(logs.raw("engine-seen"))[-1]
    logs.put(place, _with(place.record.value, lambda ids: [*ids, "never-sent"]))


@flagged(Kind.SEEN)
def ids_are_remembered_twice(logs: Tampering) -> None:
    place = list(logs.raw("engine-seen"))[-1]
    logs.insert(place, place.record)
