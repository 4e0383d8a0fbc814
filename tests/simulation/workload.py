"""What customers, front ends and operators do, drawn from the seed and written straight to the broker."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import TYPE_CHECKING, Any, Final

from schemas import topics
from schemas.envelope import MAX_EVENT_BYTES
from services.kit.clock import to_datetime
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.simulated.log import Fate
from services.trigger_engine.domain.moments.forecast import LEAST_DAYS
from services.trigger_engine.ports import Outgoing
from tests.simulation import documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.trigger_engine.adapters.simulated.broker import Broker
    from tests.simulation.plan import Plan

PREFIX: Final = "sim"
US_PER_S: Final = 1_000_000
DAY_S: Final = 24 * 3_600
MAX_MESSAGE_BYTES: Final = 100_000
HUGE: Final = MAX_MESSAGE_BYTES - 100
"""Bytes of a record that the broker takes; a dead letter of it is beyond."""

ECHO: Final = 10
JITTER_S: Final = 30
"""Events arrive a little out of order."""

PACE: Final = 30
"""Exports a day: in four weeks more than the limit of 600, and in ten days less."""

USAGE: Final = ("file.stored", "report.exported", "workspace.created", "member.invited")
PLAN: Final = ("free", "plus", "team")
KINDS: Final[dict[str, int]] = {
    "usage": 52, "copy": 8, "late": 5, "fact": 8, "response": 14, "stray response": 2, "poison": 3, "oversize": 1,
    "huge": 1, "future": 2, "astray": 1, "erased": 1, "transaction": 3, "set": 6,
    "growth": 5,
}  # fmt: skip


def log_of(topic: topics.Topic, partition: int) -> Log:
    """One partition of a topic of the simulated deployment."""
    return Log(topic.under(PREFIX), partition)


class Workload:
    """Schedules everything at once; each part writes when its time has come."""

    def __init__(self, plan: Plan, rng: Random, broker: Broker, wall: Callable[[], int]) -> None:
        self._plan = plan
        self._rng = rng
        self._broker = broker
        self._wall = wall
        self._number = 0
        self._sent: list[tuple[str, bytes]] = []
        self._versions: list[tuple[int, str]] = []

    def schedule(self) -> None:
        """Lay out the whole of it in time; the first set comes first, maybe not at once."""
        loop, plan, rng = asyncio.get_running_loop(), self._plan, self._rng
        loop.call_later(rng.choice((0.0, 0.0, 0.7)), self._publish, documents.FIRST, None)
        kinds, weights = list(KINDS), list(KINDS.values())
        for _ in range(plan.inputs):
            (kind,) = rng.choices(kinds, weights)
            at = rng.uniform(0.0, plan.duration_s)
            for number in range(rng.choice((1, 1, 1, 3))):  # some come in a bunch
                loop.call_later(at + number * 0.0001, self._happen, kind)
        self._keep_a_pace()

    def _happen(self, kind: str) -> None:
        {
            "usage": self._usage,
            "copy": self._copy,
            "late": self._late,
            "fact": self._fact,
            "response": self._response,
            "stray response": self._stray_response,
            "poison": self._poison,
            "oversize": self._oversize,
            "huge": self._huge,
            "future": self._future,
            "astray": self._astray,
            "erased": self._erased,
            "transaction": self._transaction,
            "set": self._set,
            "growth": self._growth,
        }[kind]()

    # --- usage and facts ------------------------------------------------------------------------

    def _event(self, kind: str, at: int, **data: Any) -> tuple[str, bytes]:
        self._number += 1
        account = self._rng.choice(self._plan.accounts)
        time = to_datetime(at).isoformat().replace("+00:00", "Z")
        event = {
            "specversion": "1.0", "id": f"e{self._number}", "source": "app", "type": kind, "subject": account,
            "time": time, "data": data,
        }  # fmt: skip
        return account, json.dumps(event).encode()

    def _any_usage(self, at: int) -> tuple[str, bytes]:
        rng = self._rng
        data: dict[str, Any] = {}
        kind = rng.choice(USAGE)
        if kind == "file.stored":
            data["properties"] = {"size_gb": rng.choice((0.1, 0.5, 1.2, 3))}
        if rng.random() < 0.5:
            data["user"] = rng.choice(("u1", "u2"))
        return self._event(kind, at, **data)

    def _recently(self) -> int:
        return self._wall() - self._rng.randrange(JITTER_S * US_PER_S)

    def _put(self, account: str, value: bytes, topic: topics.Topic = topics.USAGE) -> None:
        where = log_of(topic, partition_of(account, self._plan.partitions))
        self._broker.append(where, account.encode(), value, [])

    def _usage(self) -> None:
        account, value = self._any_usage(self._recently())
        self._sent.append((account, value))
        self._put(account, value)

    def _growth(self) -> None:
        """An account does more each day, where a day is short enough."""
        loop, account, day_s = (
            asyncio.get_running_loop(),
            self._rng.choice(self._plan.accounts),
            DAY_S / self._plan.speed,
        )
        for day in range(int((self._plan.duration_s - loop.time()) / day_s) + 1):
            loop.call_later(day * day_s, self._export, account, 2**day)

    def _export(self, account: str, quantity: int) -> None:
        _, value = self._event("report.exported", self._recently(), quantity=quantity)
        event = json.loads(value) | {"subject": account}
        self._put(account, json.dumps(event).encode())

    def _keep_a_pace(self) -> None:
        """Where days are short enough for a forecast, one account does as much each day; drawn apart from all else."""
        plan, rng = self._plan, Random(f"pace {self._plan.seed}")
        day_s = DAY_S / plan.speed
        if plan.duration_s < LEAST_DAYS * day_s:
            return
        account = rng.choice(plan.accounts)
        for day in range(int(plan.duration_s / day_s)):
            asyncio.get_running_loop().call_later((day + rng.random()) * day_s, self._at_a_pace, account, day)

    def _at_a_pace(self, account: str, day: int) -> None:
        event = {
            "specversion": "1.0", "id": f"pace-{day}", "source": "app", "type": "report.exported", "subject": account,
            "time": to_datetime(self._wall()).isoformat().replace("+00:00", "Z"), "data": {"quantity": PACE},
        }  # fmt: skip
        self._put(account, json.dumps(event).encode())

    def _copy(self) -> None:
        if self._sent:
            self._put(*self._rng.choice(self._sent))

    def echo(self) -> None:
        """A backend that is not sure sends the newest of its events once more."""
        for account, value in self._sent[-ECHO:]:
            self._put(account, value)

    def _late(self) -> None:
        back = self._plan.lateness_s + self._rng.choice((-600, 1, 7_200))
        self._put(*self._any_usage(self._wall() - max(0, back) * US_PER_S))

    def _future(self) -> None:
        self._put(*self._any_usage(self._wall() + 7 * 24 * 3_600 * US_PER_S))

    def _fact(self) -> None:
        rng, at = self._rng, self._recently()
        kind = rng.choice(("plan", "seats", "limit", "user"))
        if kind == "plan":
            since = rng.choice((at, at - rng.randrange(27 * DAY_S, 31 * DAY_S) * US_PER_S))
            self._put(*self._event("rung.plan_changed", since, plan=rng.choice(PLAN)))
        elif kind == "seats":
            self._put(*self._event("rung.seats_changed", at, seats=rng.randrange(1, 9)))
        elif kind == "limit":
            self._put(*self._event("rung.limit_set", at, meter="storage_gb", value=rng.randrange(1, 9)))
        else:
            self._put(*self._event("rung.onboarding_completed", at, of="account"))

    def _erased(self) -> None:
        self._put(*self._event("rung.account_erased", self._recently()))

    # --- what nobody can act on -----------------------------------------------------------------

    def _poison(self) -> None:
        account = self._rng.choice(self._plan.accounts)
        self._put(account, self._rng.choice((b"not json", b"{}", b'{"specversion": "1.0"}')))

    def _oversize(self) -> None:
        self._put(self._rng.choice(self._plan.accounts), b'{"x":"' + b"y" * MAX_EVENT_BYTES + b'"}')

    def _huge(self) -> None:
        """Just what the broker takes: with its reason beside it, it is more than that."""
        account = self._rng.choice(self._plan.accounts)
        self._put(account, b"y" * HUGE, self._rng.choice((topics.USAGE, topics.RESPONSES)))

    def _astray(self) -> None:
        account, value = self._any_usage(self._recently())
        where = log_of(topics.USAGE, self._rng.randrange(self._plan.partitions))
        self._broker.append(where, account.encode()[:1], value, [])

    # --- producers with transactions ------------------------------------------------------------

    def _transaction(self) -> None:
        """An upstream system that writes usage in a transaction, which it may take back."""
        account, value = self._any_usage(self._recently())
        where = log_of(topics.USAGE, partition_of(account, self._plan.partitions))
        self._number += 1
        who = self._broker.initialise(f"upstream-{self._number}", 60.0)
        self._broker.add(who, [where])
        self._broker.produce(who, where, 0, [Outgoing(where.topic, account.encode(), value)])
        fate = self._rng.choice((Fate.COMMITTED, Fate.ABORTED))
        asyncio.get_running_loop().call_later(self._rng.uniform(0.01, 0.5), self._broker.end, who, fate)

    # --- responses ------------------------------------------------------------------------------

    def _response(self) -> None:
        """Somebody does something with an offer that was published."""
        partition = self._rng.randrange(self._plan.partitions)
        made = [
            r
            for r in self._broker.log(log_of(topics.OFFERS, partition)).committed()
            if b"offer_made" in (r.value or b"")
        ]
        if not made:
            return
        offer = json.loads(self._rng.choice(made).value or b"")
        kind = self._rng.choice(("presented", "clicked", "accepted", "dismissed", "snoozed"))
        self._respond(offer["subject"], offer["data"]["offer"]["offer_id"], kind)

    def _stray_response(self) -> None:
        self._respond(self._rng.choice(self._plan.accounts), "never-made", "dismissed")

    def _respond(self, account: str, offer: str, kind: str) -> None:
        self._number += 1
        event = {
            "specversion": "1.0", "id": f"r{self._number}", "source": "front", "type": "rung.responded",
            "subject": account, "time": to_datetime(self._wall()).isoformat().replace("+00:00", "Z"),
            "data": {"offer": offer, "response": kind},
        }  # fmt: skip
        self._put(account, json.dumps(event).encode(), topics.RESPONSES)

    # --- operators ------------------------------------------------------------------------------

    def _publish(self, playbook: str, expects: int | None) -> None:
        self._number += 1
        version = self._set_record(documents.published(self._number, self._wall(), playbook, expects))
        self._versions.append((version, playbook))

    def _set(self) -> None:
        rng = self._rng
        self._number += 1
        what = rng.choice(("publish", "publish", "broken", "expects", "pause", "pause", "pause", "resume", "back"))
        if what == "publish":
            self._publish(rng.choice((documents.FIRST, documents.SECOND)), None)
        elif what == "broken":
            self._publish(documents.BROKEN, None)
        elif what == "expects":
            self._publish(documents.SECOND, 99)
        elif what == "back" and self._versions:
            to, playbook = rng.choice(self._versions)
            self._set_record(documents.rolled_back(self._number, self._wall(), playbook, to))
        elif what == "pause":
            self._set_record(documents.paused(self._number, self._wall(), rng.choice(documents.OFFERS)))
        else:
            self._set_record(documents.resumed(self._number, self._wall(), rng.choice(documents.OFFERS)))

    def _set_record(self, message: documents.Message) -> int:
        value, headers = message
        return self._broker.append(log_of(topics.PLAYBOOKS, 0), b"files", value, headers)
