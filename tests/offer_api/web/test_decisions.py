"""What operators ask of decisions, over a real log and a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schemas.decisions import Reason, Verdict
from services.kit.clock import SystemClock, to_datetime
from services.kit.db.sessions import Database
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.domain.scope import Scope
from tests.offer_api.deciding import a_decision, decided, offered, withheld
from tests.offer_api.makers import erased, made, step
from tests.offer_api.running import SCHEMA, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.offer_api.running import Api

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ACME = "/v1/accounts/acme"


class Operator:
    """Asks with a key that may read."""

    def __init__(self, api: Api, key: str) -> None:
        self.api = api
        self.headers = {"authorization": f"Bearer {key}"}

    async def ask(self, path: str, status: int = 200) -> Any:
        answer = await self.api.http.get(path, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def operator(api: Api) -> AsyncIterator[Operator]:
    database = Database(api.ground.database_url, SCHEMA, "test")
    key, _ = await PostgresKeys(database).make("growth", [Scope.READ], to_datetime(SystemClock().now_us()))
    yield Operator(api, key)
    await database.close()


async def folded(api: Api, count: int) -> None:
    async def are_there() -> bool:
        return await api.metric("rung_api_decisions_folded_total") >= count

    await until(f"{count} decisions folded", are_there)


async def test_a_decision_is_told_whole(api: Api, operator: Operator) -> None:
    await api.ground.decide(decided(decision=offered()), decided("other", a_decision("theirs")))
    await folded(api, 2)
    told = await operator.ask(f"{ACME}/decisions")
    assert "next" not in told
    (decision,) = told["decisions"]
    assert (decision["decision_id"], decision["verdict"], decision["offer_id"]) == ("d1", "offered", "o1")
    assert decision["account"] == {
        "plan": "free",
        "term": "month",
        "seats": 3,
        "owned": ["photos"],
        "onboarding": "completed",
        "cancelling": False,
        "zone": None,
    }
    assert decision["meters"] == {"storage_gb": "1.80", "projects": "2"}
    assert [one["moment"] for one in decision["moments"]] == ["storage_full"]
    assert decision["candidates"][1] == {
        "offer": "team_plan",
        "moment": "storage_full",
        "stage": "within_bounds",
        "reason": "outscored",
        "factors": {},
    }


async def test_decisions_are_paged_from_the_newest(api: Api, operator: Operator) -> None:
    await api.ground.decide(*(decided(decision=a_decision(f"d{number}", number)) for number in range(5)))
    await folded(api, 5)
    found, path = [], f"{ACME}/decisions?limit=2"
    while True:
        told = await operator.ask(path)
        found += [one["decision_id"] for one in told["decisions"]]
        if "next" not in told:
            break
        path = f"{ACME}/decisions?limit=2&before={told['next']}"
    assert found == ["d4", "d3", "d2", "d1", "d0"]
    assert (await operator.ask(f"{ACME}/decisions?offer=team_plan"))["decisions"] == []


async def test_why_tells_the_decision_behind_each_offer(api: Api, operator: Operator) -> None:
    await api.ground.say(made())
    await api.ground.decide(decided(decision=offered()))
    await api.folded(1)
    await folded(api, 1)
    (why,) = (await operator.ask(f"{ACME}/why"))["offers"]
    assert (why["id"], why["offer"], why["state"]) == ("o1", "more_storage", "open")
    assert why["decision"]["decision_id"] == "d1"

    await api.ground.say(step("dismissed", 2))
    await api.folded(2)
    assert await operator.ask(f"{ACME}/why") == {"offers": []}
    (over,) = (await operator.ask(f"{ACME}/why?offer=o1"))["offers"]
    assert (over["state"], over["decision"]["decision_id"]) == ("dismissed", "d1")
    assert (await operator.ask(f"{ACME}/why?offer=never-was", 404))["type"] == "urn:rung:problem:not-found"


async def test_why_not_names_the_reason_of_each_time(api: Api, operator: Operator) -> None:
    await api.ground.decide(
        decided(decision=a_decision("capped", held=("storage_full",))),
        decided(decision=offered("made", minutes=1)),
        decided(decision=a_decision("elsewhere", 2, candidates=(withheld("photos"),))),
        decided(
            decision=a_decision(
                "held out", 3, verdict=Verdict.HELD_OUT, reason=Reason.HELD_OUT, candidates=(withheld(reason=None),)
            )
        ),
    )
    await folded(api, 4)
    told = await operator.ask(f"{ACME}/why-not/more_storage")
    assert told["offer"] == "more_storage"
    assert [(one["decision_id"], one["verdict"], one["held"]) for one in told["withheld"]] == [
        ("held out", "held_out", False),
        ("capped", "withheld", True),
    ]
    assert told["withheld"][1]["candidates"][0]["reason"] == "capped"
    assert (await operator.ask(f"{ACME}/why-not/never_was"))["withheld"] == []


async def test_an_erased_account_has_no_decisions_left(api: Api, operator: Operator) -> None:
    await api.ground.decide(decided(decision=a_decision()), decided("other", a_decision("theirs")))
    await folded(api, 2)
    await api.ground.say(erased())
    await api.folded(1)
    assert (await operator.ask(f"{ACME}/decisions"))["decisions"] == []
    assert len((await operator.ask("/v1/accounts/other/decisions"))["decisions"]) == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "before=-1", "before=x", f"before={2**63}", "offer="])
async def test_what_is_malformed_is_refused(query: str, operator: Operator) -> None:
    told = await operator.ask(f"{ACME}/decisions?{query}", 422)
    assert told["type"] == "urn:rung:problem:malformed"


async def test_an_account_that_can_not_be_is_not_there(operator: Operator) -> None:
    for account in ("%00", "x" * 300):
        assert (await operator.ask(f"/v1/accounts/{account}/decisions", 404))["status"] == 404
