"""One show for all tests of it: a short one that stays up."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from services.local_stack.stack import LocalStack
from tests.demo.shows import GONE_S, INTERRUPTED, READY_S, SHOW_S, STAYS, Show, alive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.local_stack.plan import State


@pytest.fixture(scope="package")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """A short show that stays up, ended by Ctrl-C, which has to end all that it started."""
    output = tmp_path_factory.mktemp("demo") / "output.txt"
    show = Show.start(output, "--stay", "--accounts", "60", "--rate", "20", "--seconds", "6")
    try:
        show.wait_for(STAYS, READY_S + SHOW_S)
        started = show.children()
        yield show
        assert show.end(signal.SIGINT) == INTERRUPTED
        assert "stopping" in show.text
        assert alive(started, GONE_S) == []
    finally:
        show.process.kill()
        show.process.wait()


@pytest.fixture
def state(show: Show) -> State:
    """What the stack of the show says of itself."""
    found = re.search(r"rung offers acme --stack (\S+)", show.text)
    assert found is not None
    state = LocalStack(found[1]).state()
    assert state is not None
    return state
