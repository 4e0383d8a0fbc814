"""What the engine keeps of accounts and their parts is not what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from oracle.violations import Kind
from tests.oracle.mutations.making import Mutation
from tests.oracle.tampering import NotThere

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.tampering import Tampering

PART: Final = 4
"""Fields of the slice of a part of an account."""

OFFERS, MADE, COUNTED, FIRST_SEEN, BASELINES, SINCE, HELD, NOES, WAS_QUIET = 3, 5, 7, 8, 9, 10, 11, 12, 13
"""Where in the slice of an account they stand."""


def _kept(name: str, field: int, change: Callable[[Any], Any], kind: bytes = b"A") -> Mutation:
    """Put something else in place of what is stored in a field, where that is something."""

    def mutate(logs: Tampering) -> None:
        for place in logs.raw("engine-state"):
            if (place.record.key or b"")[:1] == kind and place.record.value:
                found = msgspec.msgpack.decode(place.record.value[9:])[field]
                if found and found != [0, 0]:
                    logs.edit_slice(place, lambda fields: fields.__setitem__(field, change(fields[field])))
                    return
        raise NotThere("the run has none that keeps this")

    return Mutation(name, mutate, frozenset({Kind.STATE}))


def _emptied(found: Any) -> Any:
    return type(found)()


A_HELD_MOMENT: Final = _kept("a_held_moment_is_dropped", HELD, lambda held: held[1:])
WHAT_IT_WAITS_FOR: Final = _kept(
    "a_held_moment_is_looked_at_another_time", HELD, lambda held: [[*held[0][:3], 1, *held[0][4:]]]
)
NOES_IN_A_ROW: Final = _kept("a_no_in_a_row_is_forgotten", NOES, lambda noes: [noes[0] + 1, noes[1]])
COOLING: Final = _kept("when_it_was_quiet_is_forgotten", WAS_QUIET, _emptied)
METERS: Final = _kept("a_window_is_forgotten", COUNTED, _emptied)
SEEN: Final = _kept("it_was_seen_later", FIRST_SEEN, lambda at: at + 1)
TOLD: Final = _kept("a_baseline_is_forgotten", BASELINES, _emptied)
ON_ITS_PLAN: Final = _kept("it_is_on_its_plan_since_another_time", SINCE, lambda since: dict.fromkeys(since, 0))
COUNTED_BY_CAPS: Final = _kept("an_offer_is_not_counted_by_caps", MADE, lambda made: made[1:])
SHOWN: Final = _kept("an_offer_shows_something_else", OFFERS, lambda offers: [[*offers[0][:-1], 1], *offers[1:]])
OF_A_USER: Final = _kept("a_users_window_is_forgotten", PART - 1, _emptied, b"U")
OF_A_GROUP: Final = _kept("a_groups_window_is_forgotten", PART - 1, _emptied, b"G")
