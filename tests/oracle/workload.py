"""A run in which a bit of everything happens, by chance and yet always the same."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from schemas import topics
from schemas.codec import encode
from schemas.playbooks import OfferPaused, OfferResumed, Switch
from services.kit.clock import SystemClock, to_datetime
from tests.flow.test_engine import settled
from tests.kit.waiting import until
from tests.oracle.sets import BROKEN, PRODUCT, WITHOUT_PROJECTS

if TYPE_CHECKING:
    from tests.flow.deployment import Deployment

ACCOUNTS = 24
HOUR_US = 3_600 * 1_000_000
KINDS = ("presented", "clicked", "accepted", "dismissed", "snoozed")


class Workload:
    """Sends rounds of messages to a deployment."""

    def __init__(self, deployment: Deployment, seed: int = 1) -> None:
        self.deployment = deployment
        self.chance = random.Random(seed)
        self.accounts = [f"acc-{number}" for number in range(ACCOUNTS)]
        self.sent: list[dict[str, Any]] = []

    def now(self, ago_us: int = 0) -> int:
        return SystemClock().now_us() - ago_us

    def event(self, account: str, kind: str, **data: Any) -> dict[str, Any]:
        made = self.deployment.event(account, kind, self.now(self.chance.choice([0, 0, 500_000, HOUR_US])), **data)
        self.sent.append(made)
        return made

    # --- what happens ---------------------------------------------------------------------------

    def usage(self, account: str) -> dict[str, Any]:
        kind = self.chance.choice(
            ["file.stored"] * 4
            + ["file.peaked", "link.downloaded", "project.created", "project.created", "project.deleted"]
            + ["report.exported", "document.signed", "document.signed", "workspace.created", "member.invited"]
            + ["page.viewed", "never.declared"]
        )
        user = {"user": self.chance.choice(["u-1", "u-ü"])} if self.chance.random() < 0.6 else {}
        size = {"properties": {"size_gb": self.chance.choice([0.4, 1, 1.25, 3, -0.5, 1.50, 8]), "format": "pdf"}}
        more = size if kind in ("file.stored", "file.peaked", "link.downloaded") else {"quantity": 1}
        return self.event(account, kind, **user, **more)

    def fact(self, account: str) -> dict[str, Any]:
        pick = self.chance.choice
        now = self.now()
        bought: tuple[str, dict[str, Any]] = ("product_bought", {"product": "more_storage"})
        facts: list[tuple[str, dict[str, Any]]] = [
            ("account_created", {"plan": pick(["free", "team"]), "seats": 3, "attributes": {"a": None, "b": 1.5}}),
            ("plan_changed", {"plan": pick(["free", "plus", "team"]), "term": pick(["month", "year"]), "price": 9}),
            ("seats_changed", {"seats": pick([1, 4, 40])}),
            ("product_bought", {"product": pick(["insights", "more_storage", "sign"])}),
            ("product_ended", {"product": "more_storage"}),
            ("attribute_set", {"name": "industry", "value": pick([None, "bakery", 5, True])}),
            ("limit_set", {"meter": "projects", "value": pick([1, 2, "unlimited"])}),
            ("meter_set", {"meter": "exports", "value": pick([0, 5]), "as_of": told(now)}),
            ("period_started", {"starts": told(now - HOUR_US), "ends": told(now + 24 * HOUR_US)}),
            ("ticket_opened", {"ticket": pick(["t1", "t2"])}),
            ("ticket_closed", {"ticket": pick(["t1", "t2"])}),
            ("payment_failed", {}),
            ("payment_recovered", {}),
            pick([("cancel_requested", {}), ("cancel_withdrawn", {})]) if self.chance.random() < 0.2 else bought,
            ("onboarding_started", {"user": "u-1"}),
            ("onboarding_completed", pick([{}, {"user": "u-1"}, {"product": "insights"}])),
            ("onboarding_abandoned", {}),
        ]
        kind, data = pick(facts)
        return self.event(account, f"rung.{kind}", **data)

    async def usage_round(self, count: int) -> None:
        """Usage with duplicates, and a fact here and there."""
        events = []
        for _ in range(count):
            account = self.chance.choice(self.accounts)
            events.append(self.fact(account) if self.chance.random() < 0.2 else self.usage(account))
            if self.chance.random() < 0.1:
                events.append(self.chance.choice(self.sent))
        await self.deployment.send(*events)

    async def story_round(self) -> None:
        """What chance rarely brings: a higher step of an open offer, a cap that is reached, every kind of response."""
        stored = [self.event("steps", "file.stored", properties={"size_gb": size}) for size in (1.6, 0.2, 0.3)]
        told_of = [self.event("capped", "rung.account_created", plan="team", seats=1)]
        many = [self.event("capped", kind) for kind in ("report.exported", "project.created")]
        await self.deployment.send(*stored, *told_of, *many)
        for kind in ("file.stored", "file.peaked"):
            await self.deployment.send(self.event("capped", kind, properties={"size_gb": 999}))
        made = await self.deployment.until_events(topics.OFFERS, 3, "steps")
        offer = made[0]["data"]["offer"]["offer_id"]
        for kind in ("presented", "snoozed", "clicked", "accepted"):
            await self.deployment.send(self.deployment.response("steps", offer, kind), topic=topics.RESPONSES)

    async def once_an_hour_round(self) -> None:
        """An offer is refused, and a higher step calls for it again: that is too soon, however busy the machine is."""
        account, now = "again", self.now()
        await self.deployment.send(
            self.deployment.event(account, "rung.product_bought", now, product="sign"),
            self.deployment.event(account, "file.stored", now, properties={"size_gb": 1.6}),
        )
        made = await self.deployment.until_events(topics.OFFERS, 1, account)
        offer = made[0]["data"]["offer"]["offer_id"]
        said = [self.deployment.response(account, offer, kind) for kind in ("presented", "dismissed")]
        await self.deployment.send(*said, topic=topics.RESPONSES)
        await self.deployment.until_events(topics.OFFERS, 3, account)
        await self.deployment.send(
            self.deployment.event(account, "file.stored", self.now(), properties={"size_gb": 0.3})
        )

    async def coming_back_round(self) -> None:
        """An account that is erased and comes back is another: what it was offered, it is offered again."""
        for kind in ("report.exported", "rung.account_erased", "report.exported"):
            await self.deployment.send(self.deployment.event("came-back", kind, self.now()))

    async def faulty_round(self) -> None:
        """One of each kind of message that nobody can act on, and good ones between them."""
        good = self.event("acc-1", "report.exported")
        late = self.deployment.event("acc-1", "report.exported", self.now(25 * HOUR_US))
        early = self.deployment.event("acc-1", "report.exported", self.now(-HOUR_US))
        lacking = self.event("acc-1", "file.stored", properties={})
        crowded = self.event("acc-1", "page.viewed", properties={f"p{n}": n for n in range(300)})
        raw = [
            b"not json",
            b'{"specversion":"1.0","type":"a.b","type":"a.c"}',
            json.dumps(good | {"subject": "another"}).encode(),
            json.dumps(good | {"time": "2026-13-01T00:00:00Z"}).encode(),
            json.dumps(good | {"type": "rung.unheard_of"}).encode(),
            b'{"big":"' + b"x" * 40_000 + b'"}',
            *(json.dumps(one).encode() for one in (late, early, lacking, crowded, good)),
            json.dumps(
                self.event("acc-1", "rung.meter_set", meter="nothing", value=1, as_of=told(self.now()))
            ).encode(),
        ]
        await self.deployment.send_raw([("acc-1", value) for value in raw])
        strange = [
            self.deployment.response("acc-1", "no-such-offer", "clicked"),
            self.deployment.response("never-seen", "no-such-offer", "clicked"),
            self.deployment.event("acc-1", "rung.responded", offer="x", response="shouted"),
        ]
        await self.deployment.send(*strange, topic=topics.RESPONSES)

    async def responses_round(self, share: float = 0.5) -> None:
        """People do something with the offers made so far, some of them twice.

        How many there are by now depends on the machine; nothing that comes after this does.
        """
        responses = []
        for event in await self.deployment.events(topics.OFFERS):
            chance = random.Random(f"{event['subject']} {event['id']}")
            if event["type"] in ("rung.offer_made", "rung.offer_changed") and chance.random() < share:
                offer = event["data"]["offer"]["offer_id"]
                for kind in chance.sample(KINDS, 2):
                    response = self.deployment.response(event["subject"], offer, kind)
                    responses += [response] * chance.choice([1, 1, 2])
        await self.deployment.send(*responses, topic=topics.RESPONSES)

    async def switch(self, kind: type[OfferPaused | OfferResumed], offer: str) -> None:
        """An operator stops an offer, or lets it go on."""
        at = to_datetime(self.now())
        event = kind(id=f"switch-{offer}", source="test", subject="files", time=at, data=Switch(offer=offer))
        value, headers = encode(event)
        async with self.deployment._producer() as producer:
            name = topics.PLAYBOOKS.under(self.deployment.prefix)
            await producer.send_and_wait(name, value, key=b"files", partition=0, headers=headers)

    async def all_taken(self) -> None:
        await until("all is journaled", lambda: settled(self.deployment), 60)


def told(us: int) -> str:
    return to_datetime(us).isoformat().replace("+00:00", "Z")


async def eventful_run(deployment: Deployment) -> None:
    """Everything once: kills, versions, pauses, faults, erasure, timers."""
    work = Workload(deployment)
    engine = await deployment.engine()
    await work.usage_round(150)
    await work.all_taken()
    await work.responses_round()
    await work.story_round()
    await work.once_an_hour_round()
    await work.faulty_round()
    await work.usage_round(150)
    await work.all_taken()
    await engine.kill()
    await deployment.publish(PRODUCT, BROKEN)
    await deployment.publish(PRODUCT, WITHOUT_PROJECTS)
    await work.usage_round(100)
    engine = await deployment.engine()
    await work.all_taken()
    await work.switch(OfferPaused, "more_storage")
    await deployment.until_events(topics.OFFERS, 1)
    await work.usage_round(100)
    await work.all_taken()
    await work.switch(OfferResumed, "more_storage")
    erased = [deployment.event(account, "rung.account_erased", work.now()) for account in ("acc-2", "acc-3")]
    await deployment.send(*erased)
    await work.coming_back_round()
    await work.usage_round(100)
    await work.responses_round(0.3)
    await work.all_taken()
    await until("an offer expired", lambda: some_expired(deployment), 40)
    assert await engine.stop() == 0


async def some_expired(deployment: Deployment) -> bool:
    return any(event["type"] == "rung.offer_expired" for event in await deployment.events(topics.OFFERS))
