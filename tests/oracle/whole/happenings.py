"""What happens to some accounts in the course of months, by chance and yet always the same."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final

from oracle.records import OFFERS
from tests.oracle.whole.stories import DAY, HOUR, MINUTE, SECOND, Stories, told

if TYPE_CHECKING:
    from tests.oracle.whole.dry import Dry

USERS: Final = ("u-1", "u-ü", "u-3")
WORDS: Final = ("presented", "presented", "presented", "clicked", "accepted", "dismissed", "dismissed", "snoozed")
PAUSES: Final = (SECOND, MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 9 * HOUR, DAY, DAY, 3 * DAY)
PAID_ONCE: Final[tuple[dict[str, Any], ...]] = (
    {"product": "cable"},
    {"product": "cable", "price": 9.5},
    {"product": "cable", "price": 2, "term": "month"},
    {"product": "photos", "price": 40, "term": "once"},
    {"product": "photos", "term": "once"},
    {"product": "gone", "price": 7, "term": "once"},
)
"""Purchases that are paid once, and such as might be taken for them."""
Fact = tuple[str, dict[str, Any]]
LATE: Final = (0,) * 12 + (SECOND, MINUTE, HOUR, 20 * HOUR, 23 * HOUR, 25 * HOUR, -MINUTE)


class Happenings:
    """Sends messages to an engine without a broker."""

    def __init__(self, dry: Dry, seed: int, accounts: int = 12) -> None:
        self.dry = dry
        self.chance = random.Random(seed)
        self.accounts = [f"acc-{seed}-{number}" for number in range(accounts)]
        self.troubled = self.accounts[::3]
        self.quiet = self.accounts[1::4]
        self._sent: list[dict[str, Any]] = []
        self._count = 0
        self._stories = Stories(dry, seed)

    def turn(self) -> None:
        """Some time passes, some messages come."""
        left = self.chance.choice(PAUSES)
        while left:
            step = min(left, 2 * HOUR)
            left -= step
            self.dry.clock.now += step
            self.dry.turn()
            if self._stories.go_on():
                self.dry.turn()
        for _ in range(self.chance.choice([0, 1, 3, 12, 25])):
            self._message()
        self.dry.turn()

    def _message(self) -> None:
        account, kind = self.chance.choice(self.accounts), self.chance.random()
        if account in self.quiet and self.chance.random() < 0.8:
            return
        if kind < 0.04 and self._sent:
            self.dry.send("usage", self.chance.choice(self._sent))
        elif kind < 0.74:
            self.usage(account)
        elif kind < 0.84:
            self.fact(account, self.calm_facts())
        elif kind < 0.88 and account in self.troubled:
            self.fact(account, self.troubles())
        else:
            self.response()

    def event(self, topic: str, kind: str, account: str, **data: Any) -> None:
        """One message of now, or of somewhat earlier."""
        self._count += 1
        at = self.dry.clock.now - self.chance.choice(LATE)
        made = {
            "specversion": "1.0",
            "id": f"m-{self._count}",
            "source": "tests/whole",
            "type": kind,
            "subject": account,
            "time": told(at),
            "data": data,
        }
        self._sent.append(made)
        self.dry.send(topic, made)

    # --- what happens ---------------------------------------------------------------------------

    def usage(self, account: str) -> None:
        pick = self.chance.choice
        kinds: dict[str, dict[str, Any]] = {
            "file.stored": {"size_gb": pick([0.4, 1, 1.25, 3, -0.5, 1.50, 0.1, -2]), "format": pick(["pdf", "png"])},
            "file.shared": {"recipient": pick("abcdefgh"), "folder": pick(["work", "home", "x" * 300])},
            "link.downloaded": {"size_gb": pick([0.5, 2, 0.25])},
            "project.created": {},
            "project.deleted": {},
            "report.exported": {"format": pick(["pdf", "csv"])},
            "document.signed": {},
            "member.invited": {},
            "task.ran": {"cost": pick([1, 2.5, 7, 12.75, None]), "done": pick([True, False])},
            "photo.edited": {},
            "page.viewed": {},
            "help.asked": {},
            "never.declared": {},
        }
        kind = pick([*kinds, "task.ran", "task.ran", "file.stored", "file.stored", "project.created", "file.shared"])
        data: dict[str, Any] = {"properties": {k: v for k, v in kinds[kind].items() if v is not None}}
        if self.chance.random() < 0.7:
            data["user"] = pick(USERS)
        if self.chance.random() < 0.1:
            data["quantity"] = pick([2, 3, 0])
        self.event("usage", kind, account, **data)

    def fact(self, account: str, facts: list[Fact]) -> None:
        kind, data = self.chance.choice(facts)
        self.event("usage", f"rung.{kind}", account, **data)

    def calm_facts(self) -> list[Fact]:
        """What is told of any account: what it is, has, and pays."""
        pick, now = self.chance.choice, self.dry.clock.now
        return [
            ("account_created", {"plan": pick(["free", "team"]), "seats": 3, "attributes": {"team": 2, "health": 7}}),
            ("account_created", {"zone": pick(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])}),
            ("plan_changed", {"plan": pick(["free", "plus", "team", "enterprise"]), "term": pick(["month", "year"])}),
            ("plan_changed", {"plan": pick(["plus", "team"]), "term": "month", "seats": 2, "price": pick([5, 12.5])}),
            ("seats_changed", {"seats": pick([1, 2, 4, 9])}),
            ("product_bought", {"product": pick(["photos", "sign", "more_storage", "more_storage"])}),
            ("product_bought", pick(PAID_ONCE)),
            ("product_bought", {"product": "photos", "term": "month", "price": 3.5}),
            ("product_ended", {"product": pick(["more_storage", "photos"])}),
            ("attribute_set", {"name": "industry", "value": pick([None, "bakery", 5, "bank"])}),
            ("attribute_set", {"name": "team", "value": pick([1, 3, 12])}),
            ("attribute_set", {"name": "health", "value": pick([1, 2.5, 8, None])}),
            ("attribute_set", {"name": pick(["goal", "vip"]), "value": pick([2, 4, True])}),
            ("limit_set", {"meter": pick(["projects", "spend"]), "value": pick([1, 9, "unlimited"])}),
            ("meter_set", {"meter": pick(["exports", "tasks"]), "value": pick([0, 5]), "as_of": told(now)}),
            ("period_started", {"starts": told(now - pick([0, 9]) * DAY), "ends": told(now + pick([1, 20]) * DAY)}),
        ]

    def troubles(self) -> list[Fact]:
        """What is told of those who are left alone at times."""
        pick = self.chance.choice
        of_user = pick([{}, {}, {"user": pick(USERS)}])
        return [
            ("ticket_opened", {"ticket": pick(["t1", "t2"])}),
            ("ticket_closed", {"ticket": "t1"}),
            ("ticket_closed", {"ticket": pick(["t1", "t2"])}),
            ("payment_failed", {}),
            ("payment_recovered", {}),
            ("payment_recovered", {}),
            pick([("cancel_requested", {}), ("cancel_withdrawn", {}), ("cancel_withdrawn", {})]),
            ("onboarding_started", of_user),
            ("onboarding_completed", pick([of_user, {"product": "photos"}])),
            ("onboarding_abandoned", of_user),
            ("account_erased", {}) if self.chance.random() < 0.2 else ("payment_recovered", {}),
        ]

    def response(self) -> None:
        """To one of the offers made lately, or to none."""
        made = [
            json.loads(record.value or b"{}")
            for (topic, _), records in self.dry.records.items()
            if topic == OFFERS
            for record in records[-20:]
        ]
        made = [event for event in made if event["type"] in ("rung.offer_made", "rung.offer_changed")]
        if not made:
            return
        event = self.chance.choice(made)
        offer, user = event["data"]["offer"], self.chance.choice([*USERS, None])
        option = offer["options"][0]["id"] if offer["options"] else None
        data = {"offer": offer["offer_id"], "response": self.chance.choice(WORDS), "user": offer.get("user", user)}
        more = {"placement": self.chance.choice([*offer["placements"], None]), "option": option}
        known = {name: value for name, value in {**data, **more}.items() if value is not None}
        self.event("responses", "rung.responded", event["subject"], **known)
