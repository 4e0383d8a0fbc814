"""How often somebody may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from limits import parse

from services.kit.clock import SystemClock
from services.offer_api.metrics import Metrics, Per
from services.offer_api.web.faults import TooManyStreams
from services.offer_api.web.rates import CLEAN_S, OpenStreams, Rates, Standing, Windows, by_address
from tests.offer_api.running import running, until, without_kafka
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    import httpx

    from tests.offer_api.running import Ground
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
OFFERS = "/v1/accounts/acme/offers"


class StoppedClock:
    """Time that a test moves by itself."""

    def __init__(self) -> None:
        self.s = 1_000.0

    def now_us(self) -> int:
        return int(self.s * 1_000_000)

    def monotonic(self) -> float:
        return self.s


def left(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, and what is left of how many."""
    return answer.status_code, answer.headers["ratelimit-remaining"], answer.headers["ratelimit-limit"]


async def test_a_token_is_told_what_is_left_and_then_refused(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks, **{Per.TOKEN: "2/hour"}) as (http, *_):
        headers, others = signer.headers(user="u-7"), signer.headers(user="u-8")
        answers = [await http.get(OFFERS, headers=headers) for _ in range(3)]
        assert [left(answer) for answer in answers] == [(503, "1", "2"), (503, "0", "2"), (429, "0", "2")]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:rung:problem:too-many-requests"
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
        assert 3_500 < int(refused.headers["retry-after"]) <= 3_600
        assert left(await http.get(OFFERS, headers=others)) == (503, "1", "2")


async def test_an_account_is_limited_over_all_its_tokens(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks, account="2/hour") as (http, *_):
        tokens = [signer.headers(user=f"u-{number}") for number in range(3)]
        assert [(await http.get(OFFERS, headers=one)).status_code for one in tokens] == [503, 503, 429]
        other = await http.get("/v1/accounts/other/offers", headers=signer.headers("other"))
        assert other.status_code == 503


async def test_an_address_is_limited_also_without_a_valid_token_and_health_is_not(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks, address="2/hour") as (http, *_):
        answers = [await http.get(OFFERS) for _ in range(3)]
        assert [left(answer) for answer in answers] == [(401, "1", "2"), (401, "0", "2"), (429, "0", "2")]
        assert (await http.get(OFFERS, headers=signer.headers())).status_code == 429
        health = await http.get("/healthz")
        assert (health.status_code, "ratelimit-limit" in health.headers) == (200, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("no address", "none either", False),
    ],
)
def test_of_ipv6_a_network_is_one_address(one: str, other: str, *, same: bool) -> None:
    first, second = (list(by_address({"client": (host, 1)})) for host in (one, other))
    assert (first == second) is same


def test_a_window_begins_anew_and_is_forgotten_when_it_is_over() -> None:
    windows = Windows()
    who = (Per.TOKEN, "a")
    assert [windows.hit(who, at, 10) for at in (1_000, 1_009.9)] == [(1, 1_010), (2, 1_010)]
    assert windows.hit(who, 1_010, 10) == (1, 1_020)
    assert windows.hit((Per.ACCOUNT, "a"), 1_020 + CLEAN_S, 10) == (1, 1_030 + CLEAN_S)
    assert len(windows) == 1


def test_as_many_requests_as_are_allowed_pass_in_each_window() -> None:
    clock = StoppedClock()
    rates = Rates({Per.TOKEN: parse("2/minute")}, clock, Metrics())
    assert [rates.hit(Per.TOKEN, "a") for _ in range(3)] == [
        (True, Standing(1, 2, 60)),
        (True, Standing(0, 2, 60)),
        (False, Standing(0, 2, 60)),
    ]
    clock.s += 59
    assert rates.hit(Per.TOKEN, "a") == (False, Standing(0, 2, 1))
    clock.s += 1
    assert rates.hit(Per.TOKEN, "a") == (True, Standing(1, 2, 60))


def test_refusals_are_counted_by_what_was_exceeded() -> None:
    metrics = Metrics()
    rates = Rates({Per.TOKEN: parse("1/hour")}, SystemClock(), metrics)
    assert [rates.hit(Per.TOKEN, "a")[0], rates.hit(Per.TOKEN, "a")[0]] == [True, False]
    assert metrics.registry.get_sample_value("rung_api_limited_total", {"per": "token"}) == 1


def test_open_streams_are_counted_by_token_and_by_account() -> None:
    streams = OpenStreams(per_token=1, per_account=2)
    leave = streams.enter("t1", "acme")
    streams.enter("t2", "acme")
    for token, account in (("t1", "other"), ("t3", "acme")):
        with pytest.raises(TooManyStreams):
            streams.enter(token, account)
    leave()
    streams.enter("t3", "acme")


@pytest.mark.kafka
@pytest.mark.postgres
async def test_too_many_streams_are_refused_until_one_ends(ground: Ground, signer: Signer) -> None:
    path, headers = f"{OFFERS}/stream", signer.headers()
    async with running(ground, streams_token=1) as api:
        async with reading(api.http, path, headers):
            refused = await api.http.get(path, headers=headers)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
            assert refused.json()["type"] == "urn:rung:problem:too-many-streams"

        async def has_ended() -> bool:
            return await api.metric("rung_api_streams") == 0

        await until("the stream has ended", has_ended)
        async with reading(api.http, path, headers):
            assert await api.metric("rung_api_streams") == 1
