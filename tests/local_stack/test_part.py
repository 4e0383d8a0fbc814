"""One supervised process, with manners short enough to watch."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.local_stack.errors import PartFailed
from services.local_stack.part import Part, Recipe
from services.local_stack.parts import Manners
from services.local_stack.plan import PartPhase, PartState
from services.local_stack.settings import inherited_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = Manners(
    ready_within_s=5,
    grace_s=0.3,
    stop=signal.SIGTERM,
    death=signal.SIGKILL,
    comes_back=True,
    back_off_first_s=0.1,
    back_off_most_s=0.4,
)


class Watched:
    """A part that runs a line of Python and is ready once that line has printed `ready`."""

    def __init__(self, program: str, manners: Manners, directory: Path) -> None:
        self.seen: list[tuple[PartPhase, float]] = []
        log = directory / "part.log"

        async def probe() -> bool:
            return log.exists() and "ready" in log.read_text()

        recipe = Recipe(
            command=(sys.executable, "-u", "-c", program),
            environment=inherited_environment(),
            directory=directory,
            log=log,
            probe=probe,
            manners=manners,
        )
        self.state = PartState(name="it", phase=PartPhase.STARTING)
        self.part = Part(self.state, recipe, self._saw)

    def _saw(self) -> None:
        self.seen.append((self.state.phase, asyncio.get_running_loop().time()))

    @property
    def phases(self) -> list[PartPhase]:
        return [phase for phase, _ in self.seen]


@pytest.fixture
def watched(tmp_path: Path) -> Callable[[str, Manners], Watched]:
    return lambda program, manners: Watched(program, manners, tmp_path)


async def test_one_that_ignores_sigterm_is_killed_after_its_grace(
    watched: Callable[[str, Manners], Watched],
) -> None:
    it = watched(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)",
        QUICK,
    )
    await it.part.start()
    began = asyncio.get_running_loop().time()
    await it.part.stop()
    assert asyncio.get_running_loop().time() - began >= QUICK.grace_s
    assert (it.state.phase, it.state.exits, it.state.pid) == (PartPhase.STOPPED, -9, None)


async def test_one_that_ends_on_sigterm_is_not_killed(
    watched: Callable[[str, Manners], Watched],
) -> None:
    it = watched("import time; print('ready'); time.sleep(60)", QUICK)
    await it.part.start()
    await it.part.stop()
    assert it.state.exits == -signal.SIGTERM


async def test_the_wait_before_it_is_started_again_doubles_up_to_the_longest(
    watched: Callable[[str, Manners], Watched],
) -> None:
    it = watched("raise SystemExit(3)", QUICK)
    with pytest.raises(PartFailed, match="ended"):
        await it.part.start()
    while it.state.restarts < 4:  # noqa: ASYNC110 - time is what is measured
        await asyncio.sleep(0.05)
    await it.part.stop()
    began = [at for phase, at in it.seen if phase is PartPhase.STARTING]
    ended = [at for phase, at in it.seen if phase is PartPhase.BACKING_OFF]
    waits = [start - end for end, start in zip(ended, began[1:], strict=False)]
    assert [round(wait, 1) for wait in waits[:4]] == pytest.approx([0.1, 0.2, 0.4, 0.4], abs=0.11)


@pytest.mark.parametrize(
    ("exits", "then"),
    [
        pytest.param(0, PartPhase.STOPPED, id="it is done"),
        pytest.param(78, PartPhase.DOWN, id="a setting is wrong"),
    ],
)
async def test_one_that_would_end_the_same_way_is_not_started_again(
    watched: Callable[[str, Manners], Watched], exits: int, then: PartPhase
) -> None:
    it = watched(f"raise SystemExit({exits})", QUICK)
    with pytest.raises(PartFailed, match=rf"ended \({exits}\)"):
        await it.part.start()
    await asyncio.sleep(2 * QUICK.back_off_first_s)
    assert it.phases == [PartPhase.STARTING, then]


async def test_a_broker_that_ends_stays_down_until_it_is_started(
    watched: Callable[[str, Manners], Watched],
) -> None:
    it = watched("import time; print('ready'); time.sleep(60)", replace(QUICK, comes_back=False))
    await it.part.start()
    await it.part.kill(stay_down=False)
    await asyncio.sleep(2 * QUICK.back_off_first_s)
    assert (it.state.phase, it.state.exits) == (PartPhase.DOWN, -9)
    await it.part.start()
    assert it.state.phase is PartPhase.READY
    await it.part.stop()


async def test_one_that_is_never_ready_is_reported_with_its_last_words(
    watched: Callable[[str, Manners], Watched],
) -> None:
    it = watched("import time; print('busy'); time.sleep(60)", replace(QUICK, ready_within_s=0.5))
    with pytest.raises(PartFailed, match=r"was not ready within 0.5 s(?s:.*)busy"):
        await it.part.start()
    await it.part.stop()
