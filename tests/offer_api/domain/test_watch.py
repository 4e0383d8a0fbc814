from __future__ import annotations

from typing import TYPE_CHECKING

from services.offer_api.domain.shown import Viewer
from services.offer_api.domain.watch import Gone, Shown, Watch
from tests.offer_api.makers import NOW, a_row, an_offer, changed, erased, later, made, revoked, snoozed, step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.offer_api.domain.watch import Said

Told = list[tuple[str, str, int | None]]


def told(said: Iterable[Said]) -> Told:
    """Offer, what is said of it, and the offset."""
    return [
        (one.row.offer.offer_id, "shown", one.offset) if isinstance(one, Shown) else (one.offer_id, one.why, one.offset)
        for one in said
    ]


def watching(*offsets: int) -> Watch:
    """A watch over offers ``o0``, ``o1`` ... that were made at ``offsets``."""
    watch = Watch(Viewer("acme"))
    watch.begin((a_row(made(offer=an_offer(f"o{number}"))) for number in range(len(offsets))), None, NOW)
    return watch


def test_a_stream_begins_with_what_is_shown_in_the_order_of_the_log() -> None:
    rows = [a_row(made(offer=an_offer("b")), step("presented", 2, "b")), a_row(made(offer=an_offer("a")))]
    over = a_row(made(offer=an_offer("c")), step("dismissed", 2, "c"))
    assert told(Watch(Viewer("acme")).begin([*rows, over], None, NOW)) == [("a", "shown", 0), ("b", "shown", 1)]


def test_a_stream_that_goes_on_tells_only_what_changed_since() -> None:
    same = a_row(made(offer=an_offer("same")))
    seen = a_row(made(offer=an_offer("seen")), step("presented", 2, "seen"))
    over = a_row(made(offer=an_offer("over")), step("presented", 2, "over"), revoked(3, "over"))
    begun = Watch(Viewer("acme")).begin([over, seen, same], 0, NOW)
    assert told(begun) == [("seen", "shown", 1), ("over", "revoked", 2)]


def test_what_the_clock_changed_while_the_reader_was_away_is_told_without_a_position() -> None:
    ended = a_row(made(offer=an_offer("ended", expires_at=NOW)))
    woken = a_row(made(offer=an_offer("woken")), snoozed(2, NOW, "woken"))
    begun = Watch(Viewer("acme")).begin([ended, woken], 1, NOW)
    assert told(begun) == [("ended", "expired", None), ("woken", "shown", None)]


def test_every_change_is_told_once() -> None:
    watch = watching(0)
    life = [
        step("presented", 2, "o0"),
        step("presented", 2, "o0"),
        step("dismissed", 3, "o0"),
        made(offer=an_offer("o0")),
    ]
    assert [told(watch.observe(word, 10 + number, NOW)) for number, word in enumerate(life)] == [
        [("o0", "shown", 10)],
        [],
        [("o0", "dismissed", 12)],
        [],
    ]


def test_a_new_offer_is_told_and_one_for_another_user_is_not() -> None:
    watch = watching()
    assert told(watch.observe(made(offer=an_offer("new")), 3, NOW)) == [("new", "shown", 3)]
    assert watch.observe(made(offer=an_offer("theirs", user="u-9")), 4, NOW) == []
    assert watch.observe(step("dismissed", 2, "theirs"), 5, NOW) == []


def test_an_offer_that_moves_to_another_place_leaves_this_one() -> None:
    watch = Watch(Viewer("acme", placements=frozenset({"banner"})))
    watch.begin([a_row()], None, NOW)
    assert told(watch.observe(changed("acme", an_offer(placements=("modal",)), 2), 4, NOW)) == [("o1", "moved", 4)]


def test_the_end_of_a_snooze_shows_the_offer_again() -> None:
    watch = watching(0)
    assert told(watch.observe(snoozed(2, later(hours=1), "o0"), 5, NOW)) == [("o0", "snoozed", 5)]
    assert watch.turn(NOW) == []
    assert watch.next_turn(NOW) == later(hours=1)
    assert told(watch.turn(later(hours=1))) == [("o0", "shown", None)]
    assert watch.turn(later(hours=1)) == []


def test_an_offer_whose_time_runs_out_goes_also_when_the_engine_is_silent() -> None:
    watch = Watch(Viewer("acme"))
    watch.begin([a_row(made(offer=an_offer(expires_at=later(minutes=1))))], None, NOW)
    assert watch.turn(later(minutes=1)) == [Gone("o1", "expired", None)]


def test_an_erasure_takes_everything_away() -> None:
    watch = watching(0, 1)
    assert told(watch.observe(erased(), 9, NOW)) == [("o0", "erased", 9), ("o1", "erased", 9)]
    assert watch.rows == {}
