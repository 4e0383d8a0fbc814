from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from services.trigger_engine.domain.account import STATE_VERSION, AccountSlice, Known, UserSlice
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Clocks, Origin
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.meters.windows import NumberTally, WindowsState
from services.trigger_engine.domain.moments.growth import GrowthState
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.runtime.halts import StateNewerThanCode
from services.trigger_engine.runtime.keys import account_key, account_of, group_key, part_key, part_of, user_key
from services.trigger_engine.runtime.slices import SliceStore
from services.trigger_engine.runtime.stored import HEAD, NEVER, decoded, due_of, encoded
from tests.trigger_engine.domain.building import PRODUCT, rules
from tests.trigger_engine.runtime.sets import ONBOARDING_DEADLINE_US, sample_core

STARTED = OnboardingState({"workspace.created": 1_000}, OnboardingStatus.STARTED)
WINDOWS = WindowsState({0: NumberTally(Decimal(3))})
HOUR_US = 3_600 * 1_000_000
DUE = 1_000 + ONBOARDING_DEADLINE_US


@pytest.fixture
def core() -> Core:
    return sample_core()


def commit(store: SliceStore, core: Core) -> dict[bytes, bytes]:
    """What a commit wrote; an erased slice is written as nothing."""
    for key in list(store.changed):
        store._schedule(key, core)
    written = store.changes()
    store.adopt(written)
    return {key: raw or b"" for key, raw in written.items()}


def test_keys_of_accounts_and_of_their_parts_never_meet() -> None:
    keys = [account_key("ab"), user_key("ab", "c"), user_key("a", "bc")]
    keys += [group_key("a", *of) for of in (("b", "c"), ("bc", ""), ("", "bc"))]
    assert len(set(keys)) == len(keys)
    assert [account_of(key) for key in keys] == ["ab", "ab", "a", "a", "a", "a"]
    assert account_of(user_key("Größe", "u")) == account_of(account_key("Größe")) == "Größe"


@pytest.mark.parametrize("part", [Part("ünï"), Part("", "format"), Part("a|b", "größe")])
def test_a_key_tells_which_part_it_is_of(part: Part) -> None:
    assert part_of(part_key("acme", part)) == part
    assert part_of(account_key("acme")) is None


def test_what_was_adopted_is_restored_equal(core: Core) -> None:
    store, other = SliceStore(), SliceStore()
    store.account("acme").meters["storage_gb#1"] = MeterState(Decimal("1.70"))
    store.user("acme", "u").moments["onboarded"] = STARTED
    store.group("acme", "format", "pdf").counted["exports#2"] = WINDOWS
    for key, raw in commit(store, core).items():
        other.load(key, raw)
    assert other.group("acme", "format", "pdf") == UserSlice(counted={"exports#2": WINDOWS})
    assert other.account("acme") == AccountSlice(meters=PlainMeters.of({"storage_gb#1": MeterState(Decimal("1.70"))}))
    assert other.user("acme", "u") == UserSlice(moments={"onboarded": STARTED})


def test_a_slice_that_was_only_looked_at_leaves_nothing(core: Core) -> None:
    store = SliceStore()
    store.account("acme")
    assert commit(store, core) == {}
    assert not store.knows("acme")


def test_only_what_changed_is_written_again(core: Core) -> None:
    store = SliceStore()
    for name in ("a", "b"):
        store.account(name).meters["m"] = MeterState(Decimal(1))
    commit(store, core)
    store.account("b").meters["m"] = MeterState(Decimal(2))
    assert list(commit(store, core)) == [account_key("b")]


def test_an_erased_slice_is_gone_with_its_timers(core: Core) -> None:
    store = SliceStore()
    store.account("acme").moments["onboarded"] = STARTED
    written = commit(store, core)
    store.load(account_key("acme"), next(iter(written.values())))
    store.load(account_key("acme"), None)
    assert not store.knows("acme")
    assert store.next_due() is None


def test_due_times_are_known_without_decoding(core: Core) -> None:
    store = SliceStore()
    store.account("acme").moments["onboarded"] = STARTED
    store.account("silent").meters["m"] = MeterState(Decimal(1))
    written = commit(store, core)
    assert due_of(written[account_key("acme")]) == DUE
    assert due_of(written[account_key("silent")]) == NEVER
    restored = SliceStore()
    for key, raw in written.items():
        restored.load(key, raw)
    assert restored.next_due() == DUE


def test_timers_fire_in_order_of_time_and_key_and_each_once(core: Core) -> None:
    store = SliceStore()
    for name, began in (("b", 1_000), ("a", 1_000), ("early", 500), ("late", 9_000)):
        state = OnboardingState({"workspace.created": began}, OnboardingStatus.STARTED)
        store.account(name).moments["onboarded"] = state
        store.reschedule(core, name)
    fired = []
    for due in store.fire(core, DUE, 9):
        core.on_timer(store, due, Origin("timer", 0), Clocks(DUE, 0))
        fired.append(due.account)
    assert fired == ["early", "a", "b"]
    assert store.next_due() == 9_000 + ONBOARDING_DEADLINE_US


def test_a_timer_that_moved_fires_at_its_new_time_only(core: Core) -> None:
    store = SliceStore()
    store.account("acme").moments["onboarded"] = STARTED
    store.reschedule(core, "acme")
    later = OnboardingState({"workspace.created": 5_000}, OnboardingStatus.STARTED)
    store.account("acme").moments["onboarded"] = later
    store.reschedule(core, "acme")
    assert list(store.fire(core, DUE, 9)) == []
    assert store.next_due() == 5_000 + ONBOARDING_DEADLINE_US


def test_erasing_takes_the_account_and_its_parts_and_leaves_a_marker_that_names_nobody(core: Core) -> None:
    store, other = SliceStore(), SliceStore()
    for account in ("acme", "acme2"):
        store.account(account).meters["m"] = MeterState(Decimal(1))
        store.user(account, "u").moments["onboarded"] = STARTED
        store.group(account, "p", "v").meters["m"] = MeterState(Decimal(1))
    for key, raw in commit(store, core).items():
        other.load(key, raw)
    for held in (store, other):
        held.user("acme", "new").meters["m"] = MeterState(Decimal(1))
        held.group("acme", "p", "new").meters["m"] = MeterState(Decimal(1))
        held.erase("acme", 77)
        written = held.changes()
        assert written[account_key("acme")] is None
        assert written[user_key("acme", "u")] is None
        assert written[group_key("acme", "p", "v")] is None
        assert user_key("acme", "new") not in written
        assert group_key("acme", "p", "new") not in written
        (marker,) = [key for key, raw in written.items() if raw is not None]
        assert b"acme" not in marker
        held.adopt(written)
        assert not held.knows("acme")
        assert held.knows("acme2")
        assert held.group("acme", "p", "v") == UserSlice()
        assert held.group("acme2", "p", "v") != UserSlice()
        assert (held.erased_at("acme"), held.erased_at("acme2")) == (77, None)
        restored = SliceStore()
        restored.load(marker, written[marker])
        assert restored.erased_at("acme") == 77


def test_an_account_that_comes_back_after_its_erasure_begins_anew(core: Core) -> None:
    store = SliceStore()
    store.account("acme").meters["m"] = MeterState(Decimal(5))
    commit(store, core)
    store.erase("acme", 1)
    store.account("acme").meters["m"] = MeterState(Decimal(1))
    written = commit(store, core)
    anew = AccountSlice(meters=PlainMeters.of({"m": MeterState(Decimal(1))}), erased_at=1)
    assert decoded(account_key("acme"), written[account_key("acme")]) == anew


def test_an_erasure_that_was_rolled_back_has_taken_nothing(core: Core) -> None:
    store = SliceStore()
    store.account("acme").meters["m"] = MeterState(Decimal(1))
    store.user("acme", "u").moments["onboarded"] = STARTED
    commit(store, core)
    store.erase("acme", 1)
    store.user("acme", "new").moments["onboarded"] = STARTED
    store.roll_back()
    assert (store.changes(), store.erased_at("acme")) == ({}, None)
    assert store.user("acme", "u") == UserSlice(moments={"onboarded": STARTED})
    store.erase("acme", 2)
    assert {key for key, raw in store.changes().items() if raw is None} == {account_key("acme"), user_key("acme", "u")}


def test_timers_of_parts_fire_by_the_clocks_of_their_account(core: Core) -> None:
    growing = Core(
        rules(
            ["growing: {growth: shares, by: 50%, of: day, from: 1}"],
            ["o: {on: [growing], add: photos}"],
            product=PRODUCT.replace("shares: {count: file.shared}", "shares: {count: file.shared, by: user}"),
        )
    )
    store = SliceStore()
    for account, zone in (("east", "Asia/Tokyo"), ("west", None)):
        store.account(account).facts["zone"] = Known(0, "f", zone)
        store.user(account, "u").moments["growing"] = GrowthState({20_000: Decimal(4)})
        store.group(account, "p", "v").moments["growing"] = GrowthState({20_001: Decimal(4)})
        store.reschedule(growing, account, [Part("u"), Part("v", "p")])
    fired = []
    for due in store.fire(growing, 20_001 * 24 * HOUR_US, 9):
        growing.on_timer(store, due, Origin("timer", 0), Clocks(due.at, 0))
        fired.append((due.account, due.part, due.at // HOUR_US))
    assert fired == [("east", Part("u"), 20_001 * 24 - 9), ("west", Part("u"), 20_001 * 24)]
    assert core.due(AccountSlice(), UserSlice()) is None


def test_to_look_at_an_account_does_not_put_it_to_work(core: Core) -> None:
    store = SliceStore()
    store.account("acme").meters["m"] = MeterState(Decimal(1))
    store.most_hot = 0
    commit(store, core)
    assert store.peek("acme") == AccountSlice(meters=PlainMeters.of({"m": MeterState(Decimal(1))}))
    assert (store.opened, store.peek("nobody")) == ({}, None)


def test_a_slice_of_an_older_version_is_read_with_what_came_since_empty() -> None:
    older = HEAD.pack(NEVER, 1) + b"\x97\x80\x81\xa1m\x92\xa15\xc0\x80\x90\x80\x90\xc0"
    found = decoded(account_key("acme"), older)
    assert found == AccountSlice(meters=PlainMeters.of({"m": MeterState(Decimal(5))}))
    assert isinstance(found, AccountSlice)
    assert (found.first_seen, found.counted) == (None, {})


def test_a_part_of_an_account_that_was_stored_before_numbers_were_rows_is_read() -> None:
    before = msgspec.msgpack.encode([{"m": ["1.70", 7], "n": ["5", None]}, {}, {}, {}])
    meters = PlainMeters.of({"m": MeterState(Decimal("1.70"), 7), "n": MeterState(Decimal(5))})
    assert decoded(user_key("acme", "ann"), HEAD.pack(NEVER, 2) + before) == UserSlice(meters=meters)
    assert [str(state.value) for _, state in meters.items()] == ["1.700", "5"]


def test_a_part_that_was_stored_when_each_number_had_its_own_digits_is_read() -> None:
    before = msgspec.msgpack.encode([[{"m": 7, "n": None, "o": None}, ["1.70", 5, 2**40]], {}, {}, {}])
    meters = PlainMeters.of(
        {"m": MeterState(Decimal("1.70"), 7), "n": MeterState(Decimal(5)), "o": MeterState(Decimal(2**40))}
    )
    found = decoded(user_key("acme", "ann"), HEAD.pack(NEVER, 3) + before)
    assert (found, encoded(NEVER, found)) == (UserSlice(meters=meters), encoded(NEVER, UserSlice(meters=meters)))


@pytest.mark.parametrize(
    ("numbers", "digits", "large"),
    [
        pytest.param(b"\xaa\0\0\0\x05\0\0\0", [2, 0], "5", id="of 32 bits"),
        pytest.param(b"\xaa\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0", [2, 0], "1099511627776", id="of 64 bits"),
        pytest.param([170, "9.300000000000000000"], [2, None], "9.300000000000000000", id="beyond them"),
        pytest.param([170, "18446744073709551616"], [2, None], "18446744073709551616", id="beyond them, and whole"),
    ],
)
def test_a_part_that_was_stored_with_any_number_of_digits_is_read(
    numbers: object, digits: list[int | None], large: str
) -> None:
    before = msgspec.msgpack.encode([[{"m": 7, "n": None}, numbers, digits], {}, {}, {}])
    meters = PlainMeters.of({"m": MeterState(Decimal("1.70"), 7), "n": MeterState(Decimal(large))})
    found = decoded(user_key("acme", "ann"), HEAD.pack(NEVER, 4) + before)
    assert (found, encoded(NEVER, found)) == (UserSlice(meters=meters), encoded(NEVER, UserSlice(meters=meters)))
    assert [str(state.value) for _, state in found.meters.items()] == ["1.700", large]


def test_a_slice_of_a_newer_version_is_refused() -> None:
    raw = HEAD.pack(NEVER, STATE_VERSION + 1) + b"\x96\x80\x80\x80\x90\x80\x90"
    with pytest.raises(StateNewerThanCode, match="run the newer version"):
        decoded(account_key("acme"), raw)
