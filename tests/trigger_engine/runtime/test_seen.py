from __future__ import annotations

from services.trigger_engine.runtime.seen import HOUR_US, Seen, identity

AN_ID = identity("backend", "e-1")


def test_an_event_is_known_by_source_and_id_together() -> None:
    assert identity("a", "bc") != identity("ab", "c")
    assert identity("a", "b") == identity("a", "b")


def test_what_was_added_is_known_at_its_hour() -> None:
    seen = Seen(1_000_000)
    assert not seen.knows(5 * HOUR_US, AN_ID)
    seen.add(5 * HOUR_US, AN_ID)
    assert seen.knows(5 * HOUR_US + 1, AN_ID)


def test_what_was_written_is_known_after_a_restore() -> None:
    seen, restored = Seen(1_000_000), Seen(1_000_000)
    for number in range(100):
        seen.add((number % 3) * HOUR_US, identity("backend", str(number)))
    for key, value in seen.added():
        restored.load(key, value)
    assert len(restored) == len(seen) == 100
    assert all(restored.knows((number % 3) * HOUR_US, identity("backend", str(number))) for number in range(100))


def test_nothing_is_written_twice() -> None:
    seen = Seen(1_000_000)
    seen.add(0, AN_ID)
    seen.adopt(0)
    assert seen.added() == []


def test_an_hour_is_let_go_only_when_all_of_it_is_late() -> None:
    seen = Seen(1_000_000)
    seen.add(5 * HOUR_US, AN_ID)
    seen.adopt(6 * HOUR_US - 1)
    assert seen.knows(5 * HOUR_US, AN_ID)
    seen.adopt(6 * HOUR_US)
    assert len(seen) == 0
