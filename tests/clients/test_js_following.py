"""The client of browsers at the real offer API, over a wire that breaks at any byte: no gap, nothing foreign."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import shutil
import signal
from typing import TYPE_CHECKING, Final

import pytest

from services.local_stack.launch import tied
from tests.architecture.tree import ROOT
from tests.clients.cutting import Wire
from tests.offer_api.makers import an_offer, made, revoked
from tests.offer_api.running import Ground, running, until
from tests.offer_api.signing import Signer

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.envelope import Envelope
    from tests.offer_api.running import Api

ACCOUNTS: Final = tuple(f"acme-{number}" for number in range(60))
ROUND_S: Final = 0.7
"""Between two pieces of news; a reader that was cut comes back within one to three seconds, as the API asks it to."""

MOST_BYTES: Final = 2_000
"""Some two offers: most answers are cut."""

CUTS: Final = 300
"""It goes on until the wire has broken so often."""

JS: Final = ROOT / "clients" / "js"

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
async def api(kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, tmp_path: Path) -> Ground:
    ground = Ground(kafka_bootstrap, topic_prefix, fresh_database_url, tmp_path / "jwks.json")
    await ground.prepare()
    return ground


def node() -> str:
    """Node, as `make` finds it."""
    fetched = sorted((ROOT / ".rung" / "tools").glob("node-*/bin/node"))
    found = shutil.which("node") or (str(fetched[-1]) if fetched else None)
    if found is None:
        pytest.fail("these tests need Node: run `make check`, which fetches it where there is none", pytrace=False)
    return found


def news(number: int) -> list[Envelope]:
    """What one round has: for each account an offer more, and the one before the last is taken back."""
    events: list[Envelope] = []
    for account in ACCOUNTS:
        events.append(made(account, an_offer(f"{account}/{number}")))
        if number >= 2:
            events.append(revoked(2, f"{account}/{number - 2}", account))
    return events


class Pages:
    """What each account's page has shown, one after the other."""

    def __init__(self) -> None:
        self.shown: dict[str, list[list[str]]] = {account: [] for account in ACCOUNTS}

    async def read(self, output: asyncio.StreamReader) -> None:
        while line := await output.readline():
            account, ids = json.loads(line)
            self.shown[account].append(ids)

    def now(self) -> dict[str, list[str]]:
        return {account: shown[-1] if shown else [] for account, shown in self.shown.items()}

    def foreign(self) -> list[str]:
        return [
            offer
            for account, shown in self.shown.items()
            for ids in shown
            for offer in ids
            if offer.partition("/")[0] != account
        ]


async def stored(api: Api, signer: Signer) -> dict[str, list[str]]:
    """What the API gives by GET."""
    found = {}
    for account in ACCOUNTS:
        answer = await api.http.get(f"/v1/accounts/{account}/offers", headers=signer.headers(account))
        found[account] = sorted(offer["id"] for offer in answer.json()["offers"])
    return found


async def test_a_wire_that_breaks_at_any_byte_leaves_no_gap_and_brings_nothing_foreign(
    api: Ground, tmp_path: Path
) -> None:
    signer = Signer(tmp_path / "jwks.json")
    built = await asyncio.create_subprocess_exec(node(), "build.mjs", cwd=JS)
    assert await built.wait() == 0
    async with running(api) as serving:
        wire = Wire([serving.http.base_url.port or 0], random.Random(1), MOST_BYTES)  # noqa: S311 - to be repeated
        async with wire.open() as url:
            process = await asyncio.create_subprocess_exec(
                *tied([node(), "test/printing.mjs", url], signal.SIGKILL),
                cwd=JS,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({account: signer.token(account) for account in ACCOUNTS}).encode())
            process.stdin.close()
            pages = Pages()
            reading = asyncio.create_task(pages.read(process.stdout))
            try:
                rounds = itertools.count()
                while wire.cut < CUTS:
                    await api.say(*news(next(rounds)))
                    await asyncio.sleep(ROUND_S)
                wire.cuts = False
                end = next(rounds)
                wanted = {account: sorted(f"{account}/{n}" for n in (end - 2, end - 1)) for account in ACCOUNTS}

                async def all_show() -> bool:
                    return pages.now() == wanted

                await until("every page shows what is, and nothing else", all_show)
                assert await stored(serving, signer) == pages.now()
            finally:
                process.kill()
                await process.wait()
                await reading
    assert pages.foreign() == []
