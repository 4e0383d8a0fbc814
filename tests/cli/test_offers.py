"""Against a real offer API."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.offers import Evidence, Gain, MomentKind, Option, Price, Saving, Verb
from services.local_stack.launch import tied
from tests.offer_api.makers import FAR, NOW, an_offer, made, step
from tests.offer_api.running import Ground, running
from tests.offer_api.signing import Signer, new_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from joserfc.jwk import OKPKey

    from tests.offer_api.running import Api

WITHIN_S = 30.0
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "jwks.json")


@pytest.fixture
def key(signer: Signer, tmp_path: Path) -> Path:
    return written(signer.key, tmp_path / "private.json")


@pytest.fixture
async def ground(kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, signer: Signer) -> Ground:
    ground = Ground(kafka_bootstrap, topic_prefix, fresh_database_url, signer.jwks)
    await ground.prepare()
    return ground


@pytest.fixture
async def api(ground: Ground) -> AsyncIterator[Api]:
    async with running(ground, stream_life_s=1) as api:
        yield api


def written(key: OKPKey, path: Path) -> Path:
    path.write_text(json.dumps(key.as_dict(private=True)))
    return path


async def offers(url: object, key: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of `rung offers`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "offers", *words, "--url", str(url), "--key", str(key)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), WITHIN_S)
    return process.returncode or 0, output.decode()


class Watching:
    """A `rung offers --watch` in its own process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.output = ""

    async def tells(self, words: str) -> None:
        """Until it has printed ``words``."""
        assert self._process.stdout is not None
        give_up = time.monotonic() + WITHIN_S
        while words not in self.output:
            left_s = give_up - time.monotonic()
            self.output += (await asyncio.wait_for(self._process.stdout.read(4096), left_s)).decode()

    async def interrupted(self) -> int:
        """Ctrl-C; returns its exit code."""
        self._process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self._process.wait(), WITHIN_S)


@asynccontextmanager
async def watching(url: object, key: Path, account: str) -> AsyncIterator[Watching]:
    process = await asyncio.create_subprocess_exec(
        *tied(
            [sys.executable, "-m", "services.cli", "offers", account, "--watch", "--url", str(url), "--key", str(key)],
            signal.SIGKILL,
        ),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Watching(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_an_offer_is_told_to_a_person(api: Api, key: Path) -> None:
    await api.ground.say(made())
    await api.folded(1)
    code, told = await offers(api.http.base_url, key, "acme")
    lines = told.splitlines()
    assert code == 0
    assert lines[0].startswith("more_storage  open, for banner, upgrade_page, until ")
    assert lines[1] == '  "You have used 1.8 of 2 GB"'
    assert lines[2].startswith("  plus, 10 USD a month")
    assert lines[3].startswith("  earned by storage_full: storage_gb 1.8 of 2 at ")
    assert lines[4] == "  id o1"


async def test_a_choice_is_told_with_all_that_it_saves(api: Api, key: Path) -> None:
    bundle = Option(
        id="creative",
        kind="bundle",
        items=("photos", "sign"),
        price=Price(amount=Decimal("7.50"), currency="USD", term="month"),
        saving=Saving(amount=Decimal("4.50"), currency="USD", term="month", percent=Decimal(37)),
        recommended=True,
    )
    seats = Option(
        id="team",
        kind="seats",
        quantity=Decimal(3),
        price=Price(amount=Decimal(18), currency="USD", term="month", per_seat=True),
        gains=(Gain(what="seats", before="5", after="8"),),
    )
    cable = Option(id="cable", kind="product", price=Price(amount=Decimal(12), currency="USD", term="once"))
    await api.ground.say(made(offer=an_offer(verb=Verb.CHOOSE_FROM, options=(bundle, seats, cable))))
    await api.folded(1)
    _, told = await offers(api.http.base_url, key, "acme")
    assert told.splitlines()[2:5] == [
        "  creative (recommended), photos and sign, 7.50 USD a month, saves 4.50 USD a month, 37%",
        "  team, 3 more seats, 18 USD a month and seat, seats 5 -> 8",
        "  cable, 12 USD once",
    ]


async def test_a_task_is_told_to_staff_with_what_it_is_about(api: Api, key: Path) -> None:
    grew = Evidence(moment="growing", kind=MomentKind.GROWTH, meter="tasks", percent=Decimal(62), happened_at=NOW)
    task = an_offer("t", verb=Verb.TASK, placements=("csm",), note="Tasks grew 62%", due_at=FAR, evidence=(grew,))
    await api.ground.say(made(offer=task))
    await api.folded(1)
    asked = ("acme", "--placement", "csm")
    assert await offers(api.http.base_url, key, *asked) == (0, "no offers for acme\n")
    _, told = await offers(api.http.base_url, key, *asked, "--staff")
    assert told.splitlines()[2:4] == ["  Tasks grew 62%", "  due 2126-01-01T00:00:00Z"]
    assert "  earned by growing, 62% more at 2026-03-04T10:12:00Z\n" in told


async def test_a_program_gets_it_as_the_api_gives_it(api: Api, key: Path, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    _, told = await offers(api.http.base_url, key, "acme", "--json")
    headers = {"authorization": f"Bearer {signer.token('acme')}"}
    assert json.loads(told) == (await api.http.get("/v1/accounts/acme/offers", headers=headers)).json()


async def test_an_account_without_offers_is_told_so(api: Api, key: Path) -> None:
    assert await offers(api.http.base_url, key, "globex") == (0, "no offers for globex\n")


async def test_a_place_that_no_offer_has_is_empty(api: Api, key: Path) -> None:
    await api.ground.say(made())
    await api.folded(1)
    assert await offers(api.http.base_url, key, "acme", "--placement", "modal") == (0, "no offers for acme\n")


async def test_a_key_that_the_api_does_not_know_is_refused(api: Api, tmp_path: Path) -> None:
    code, told = await offers(api.http.base_url, written(new_key(), tmp_path / "other.json"), "acme")
    assert code == 1
    assert told.startswith("error: 401 ")


async def test_an_api_that_does_not_answer_is_told_in_a_line(key: Path) -> None:
    code, told = await offers(NOWHERE, key, "acme")
    assert code == 1
    assert told.startswith(f"error: {NOWHERE}: ")
    assert len(told.splitlines()) == 1


async def test_changes_are_followed_beyond_the_end_of_a_stream(api: Api, key: Path) -> None:
    async with watching(api.http.base_url, key, "acme") as told:
        await api.ground.say(made())
        await told.tells("  id o1\n")
        await asyncio.sleep(3)  # a stream lives 1 s here
        await api.ground.say(step("dismissed", 2))
        await told.tells("gone: o1 (dismissed)\n")
        assert await told.interrupted() == 0
        # what was told once is not told again by the streams that follow
        assert told.output.count("  id o1") == 1
