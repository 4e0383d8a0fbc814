"""Which parts an account has: what an erasure takes, and how many keys are looked at for it."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from services.kit.kafka.reader import Record
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.runtime.keys import ERASED, PARTS, account_of
from services.trigger_engine.runtime.slices import SliceStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def commit(store: SliceStore) -> dict[bytes, bytes | None]:
    written = store.changes()
    store.adopt(written)
    return written


def records(written: Iterable[tuple[bytes, bytes | None]]) -> list[Record]:
    """What the state log gives back of what was written."""
    return [Record("state", 0, offset, key, raw, (), 0) for offset, (key, raw) in enumerate(written)]


def restored(written: Iterable[tuple[bytes, bytes | None]]) -> SliceStore:
    """A store that keeps so few slices as objects that most are opened again and again."""
    store = SliceStore()
    store.most_hot = 4
    store.load_all(records(written))
    return store


class Course:
    """A partition's life by chance, and what should have come of it, by the log of what was committed."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)  # noqa: S311  - the same each time
        self.store = restored(())
        self.log: dict[bytes, bytes] = {}
        self.erasures = 0

    def of(self, account: str, keys: Iterable[bytes]) -> set[bytes]:
        return {key for key in keys if account_of(key) == account}

    def put(self) -> None:
        account, name = self.rng.choice("abcd"), self.rng.choice("uvwx")
        number = MeterState(Decimal(self.rng.randrange(1, 9)))
        kind = self.rng.randrange(3)
        if kind == 0:
            self.store.account(account).meters["m"] = number
        elif kind == 1:
            self.store.user(account, name).meters["m"] = number
        else:
            self.store.group(account, "p", name).meters["m"] = number

    def erase(self) -> None:
        account = self.rng.choice("abcd")
        self.store.erase(account, 1)
        self.erasures += 1
        assert self.of(account, self.store.changed) == set()
        gone = {key for key, raw in self.store.changes().items() if raw is None}
        assert self.of(account, gone) == self.of(account, self.log)

    def commit(self) -> None:
        self.take(commit(self.store))
        parts = self.store._parts
        if parts is not None:
            kept = [key for account in "abcd" for key in parts.of(account)]
            assert sorted(kept) == sorted(key for key in self.log if key.startswith(PARTS))

    def take(self, written: dict[bytes, bytes | None]) -> None:
        for key, raw in written.items():
            if raw is not None and not key.startswith(ERASED):
                self.log[key] = raw
            else:
                self.log.pop(key, None)

    def roll_back(self) -> None:
        self.store.roll_back()

    def another_works(self) -> None:
        """Another engine has the partition for a while; then it comes back."""
        self.store.roll_back()
        other = restored(self.log.items())
        warm, self.store = self.store, other
        for _ in range(self.rng.randrange(6)):
            self.rng.choice((self.put, self.put, self.erase))()
        written = commit(other)
        self.take(written)
        warm.load_all(records(written.items()))
        self.store = warm

    def restart(self) -> None:
        self.store = restored(self.log.items())


@pytest.mark.parametrize("seed", range(40))
def test_an_erasure_takes_what_a_look_at_all_keys_finds_whatever_came_before(seed: int) -> None:
    course = Course(seed)
    happen = [course.put] * 12 + [course.commit] * 4 + [course.erase] * 3
    happen += [course.roll_back, course.roll_back, course.another_works, course.restart]
    for _ in range(400):
        course.rng.choice(happen)()
    course.commit()
    assert course.erasures > 20
    assert course.store._stored == course.log


class Watched(dict[bytes, bytes]):
    """Counts the keys that somebody looks at."""

    looked_at = 0

    @override
    def __iter__(self) -> Iterator[bytes]:
        for key in super().__iter__():
            self.looked_at += 1
            yield key

    @override
    def __contains__(self, key: object) -> bool:
        self.looked_at += 1
        return super().__contains__(key)


def looked_at_by_erasures(accounts: int) -> list[int]:
    """How many keys each of some erasures looks at, and its commit, in a partition of so many accounts with parts."""
    store = SliceStore()
    for number in range(accounts):
        store.account(f"a{number}").meters["m"] = MeterState(Decimal(1))
        store.user(f"a{number}", "u").meters["m"] = MeterState(Decimal(1))
        store.group(f"a{number}", "p", "v").meters["m"] = MeterState(Decimal(1))
    commit(store)
    store._stored = watched = Watched(store._stored)
    counts = []
    for number in range(10):
        before = watched.looked_at
        store.erase(f"a{number}", 1)
        store.user("new", f"u{number}").meters["m"] = MeterState(Decimal(1))
        commit(store)
        counts.append(watched.looked_at - before)
    return counts


def test_all_keys_are_looked_at_once_however_many_accounts_are_erased() -> None:
    few, many = looked_at_by_erasures(20), looked_at_by_erasures(500)
    assert few[1:] == many[1:]
    assert max(many[1:]) < 20
    assert many[0] - few[0] == 3 * (500 - 20)
