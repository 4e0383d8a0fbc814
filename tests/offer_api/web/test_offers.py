from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.kit.clock import SystemClock
from tests.offer_api.makers import FAR, NOW, an_offer, erased, made, snoozed, step

if TYPE_CHECKING:
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
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "offers": [
            {
                "id": "o1",
                "offer": "more_storage",
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
