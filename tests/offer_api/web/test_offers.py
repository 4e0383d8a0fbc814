from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from schemas.offers import Content, Evidence, MomentKind, Option, Price, Saving, Verb
from services.kit.clock import SystemClock
from tests.offer_api.makers import FAR, NOW, an_offer, erased, made, snoozed, step

if TYPE_CHECKING:
    from schemas.offers import Offer
    from tests.offer_api.running import Api
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def ids_of(api: Api, signer: Signer, path: str = "/v1/accounts/acme/offers", **claims: Any) -> list[str]:
    account = path.split("/")[3]
    answer = await api.http.get(path, headers=signer.headers(account, **claims))
    assert answer.status_code == 200, answer.text
    return [offer["id"] for offer in answer.json()["offers"]]


async def test_an_offer_is_fetchable_with_all_that_a_front_end_needs(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    answer = await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("private, no-cache", "authorization, Origin")
    assert answer.json() == {
        "offers": [
            {
                "id": "o1",
                "offer": "more_storage",
                "verb": "upgrade_to",
                "state": "open",
                "placements": ["banner", "upgrade_page"],
                "content": {"title": "You have used 1.8 of 2 GB"},
                "options": [
                    {
                        "id": "plus",
                        "kind": "plan",
                        "recommended": False,
                        "price": {"amount": "10", "currency": "USD", "term": "month", "per_seat": False},
                        "gains": [{"what": "storage_gb", "before": "2", "after": "2000"}],
                    }
                ],
                "evidence": [
                    {
                        "moment": "storage_full",
                        "kind": "limit",
                        "meter": "storage_gb",
                        "value": "1.8",
                        "limit": "2",
                        "step": "0.9",
                        "happened_at": "2026-03-04T10:12:00Z",
                    }
                ],
                "after_a_no": {"rule": "30d", "seconds": 2592000},
                "made_at": "2026-03-04T10:12:00Z",
                "expires_at": "2126-01-01T00:00:00Z",
            }
        ]
    }


async def test_only_what_may_be_shown_here_and_now_is_handed_out(api: Api, signer: Signer) -> None:
    offers = [
        made(offer=an_offer("open")),
        made(offer=an_offer("modal", placements=("modal",))),
        made(offer=an_offer("users", user="u-7")),
        made(offer=an_offer("too-late", expires_at=NOW)),
        made(offer=an_offer("later")),
        snoozed(2, FAR, "later"),
        made(offer=an_offer("no")),
        step("dismissed", 2, "no"),
        made("other", an_offer("theirs")),
    ]
    await api.ground.say(*offers)
    await api.folded(len(offers))
    path = "/v1/accounts/acme/offers"
    assert await ids_of(api, signer) == ["modal", "open"]
    assert await ids_of(api, signer, f"{path}?placement=banner") == ["open"]
    assert await ids_of(api, signer, f"{path}?placement=banner&placement=modal") == ["modal", "open"]
    assert await ids_of(api, signer, f"{path}?user=u-7") == ["modal", "open", "users"]
    assert await ids_of(api, signer, user="u-7") == ["modal", "open", "users"]
    assert await ids_of(api, signer, "/v1/accounts/other/offers") == ["theirs"]
    assert await ids_of(api, signer, "/v1/accounts/nobody-knows/offers") == []
    assert await ids_of(api, signer, "/v1/accounts/nobody-knows/offers?user=u-7") == []


async def test_the_best_is_handed_out_first_and_its_score_with_it(api: Api, signer: Signer) -> None:
    scores = {"none": None, "low": Decimal("9.500000"), "high": Decimal(10)}
    await api.ground.say(*(made(offer=an_offer(name, score=score)) for name, score in scores.items()))
    await api.folded(len(scores))
    offers = (await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())).json()["offers"]
    told = [(offer["id"], offer.get("score")) for offer in offers]
    assert told == [("high", "10"), ("low", "9.500000"), ("none", None)]


def a_task() -> Offer:
    return an_offer(
        "task",
        verb=Verb.TASK,
        placements=("csm",),
        content=Content(title="Look into growing"),
        options=(Option(id="csm", kind="task"),),
        note="Tasks grew 62%",
        due_at=FAR,
    )


async def test_a_task_is_handed_to_staff_who_ask_for_its_queue_and_to_nobody_else(api: Api, signer: Signer) -> None:
    """S26: a task reaches a person, and no customer's front end."""
    await api.ground.say(made(), made(offer=a_task()))
    await api.folded(2)
    path, queue = "/v1/accounts/acme/offers", "/v1/accounts/acme/offers?placement=csm"
    assert await ids_of(api, signer) == ["o1"]
    assert await ids_of(api, signer, queue) == []
    assert await ids_of(api, signer, staff=True) == ["o1"]
    assert await ids_of(api, signer, queue, staff="true") == []
    assert await ids_of(api, signer, queue, staff=True) == ["task"]
    assert await ids_of(api, signer, f"{path}?placement=csm&placement=banner", staff=True) == ["o1", "task"]
    (task,) = (await api.http.get(queue, headers=signer.headers(staff=True))).json()["offers"]
    assert (task["verb"], task["note"], task["due_at"]) == ("task", "Tasks grew 62%", "2126-01-01T00:00:00Z")


async def test_options_and_evidence_of_every_kind_are_handed_out_whole(api: Api, signer: Signer) -> None:
    bundle = Option(
        id="creative",
        kind="bundle",
        items=("photos", "sign"),
        price=Price(amount=Decimal("7.50"), currency="USD", term="month"),
        saving=Saving(amount=Decimal("4.50"), currency="USD", term="month", percent=Decimal(37)),
        recommended=True,
    )
    more = Option(id="team", kind="seats", quantity=Decimal(3))
    grew = Evidence(moment="growing", kind=MomentKind.GROWTH, meter="tasks", percent=Decimal(62), happened_at=NOW)
    full = Evidence(
        moment="filling",
        kind=MomentKind.FORECAST,
        meter="storage_gb",
        group="eu",
        date="2026-03-13",
        confidence=Decimal("0.85"),
        happened_at=NOW,
    )
    photos = Option(id="photos", kind="product", sort="tool")
    said = an_offer(verb=Verb.CHOOSE_FROM, options=(bundle, photos, more), evidence=(grew, full), variant="b")
    await api.ground.say(made(offer=said))
    await api.folded(1)
    (told,) = (await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())).json()["offers"]
    assert (told["verb"], told["variant"]) == ("choose_from", "b")
    assert told["options"] == [
        {
            "id": "creative",
            "kind": "bundle",
            "recommended": True,
            "items": ["photos", "sign"],
            "price": {"amount": "7.50", "currency": "USD", "term": "month", "per_seat": False},
            "saving": {"amount": "4.50", "currency": "USD", "term": "month", "percent": "37"},
            "gains": [],
        },
        {"id": "photos", "kind": "product", "recommended": False, "sort": "tool", "gains": []},
        {"id": "team", "kind": "seats", "recommended": False, "quantity": "3", "gains": []},
    ]
    happened = {"happened_at": "2026-03-04T10:12:00Z"}
    assert told["evidence"] == [
        {"moment": "growing", "kind": "growth", "meter": "tasks", "percent": "62"} | happened,
        {
            "moment": "filling",
            "kind": "forecast",
            "meter": "storage_gb",
            "group": "eu",
            "date": "2026-03-13",
            "confidence": "0.85",
        }
        | happened,
    ]


async def test_what_an_offer_says_is_text_whatever_is_in_it(api: Api, signer: Signer) -> None:
    """Nothing is made of it here, and no browser takes the answer for a page."""
    said = "<script>alert(1)</script> & <b>2 < 3</b> {{x}}"
    await api.ground.say(made(offer=an_offer(content=Content(title=said, body=said))))
    await api.folded(1)
    answer = await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())
    assert answer.json()["offers"][0]["content"] == {"title": said, "body": said}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_answer_that_is_held_already_is_not_sent_again(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)

    async def get(held: str) -> tuple[int, str]:
        headers = {**signer.headers(), "if-none-match": held}
        answer = await api.http.get("/v1/accounts/acme/offers", headers=headers)
        assert (answer.status_code == 304) == (not answer.content)
        return answer.status_code, answer.headers["etag"]

    _, tag = await get('"none"')
    assert {await get(held) for held in (tag, f"W/{tag}", f'"another", {tag}', "*")} == {(304, tag)}
    await api.ground.say(step("presented", 2))
    await api.folded(2)
    status, new = await get(tag)
    assert (status, new == tag) == (200, False)


async def test_an_erased_account_has_nothing_left(api: Api, signer: Signer) -> None:
    await api.ground.say(made(), made("other"), erased())
    await api.folded(3)
    assert await ids_of(api, signer) == []
    assert await ids_of(api, signer, "/v1/accounts/other/offers") == ["o1"]


async def test_the_way_to_the_database_is_measured_from_the_usage_event(api: Api) -> None:
    second_ago_ms = SystemClock().now_us() // 1_000 - 1_000
    await api.ground.say(made(), produced_ms=second_ago_ms)
    await api.ground.say(step("presented", 2), produced_ms=second_ago_ms)
    await api.folded(2)
    assert await api.metric('rung_stage_latency_seconds_count{stage="stored"}') == 1
    assert 1 <= await api.metric('rung_stage_latency_seconds_sum{stage="stored"}') < 20


async def test_an_account_may_be_called_anything(api: Api, signer: Signer) -> None:
    await api.ground.say(made("a/b offers/Ünï"))
    await api.folded(1)
    answer = await api.http.get(
        "/v1/accounts/a%2Fb%20offers%2F%C3%9Cn%C3%AF/offers", headers=signer.headers("a/b offers/Ünï")
    )
    assert [offer["id"] for offer in answer.json()["offers"]] == ["o1"]
