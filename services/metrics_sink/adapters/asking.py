"""Several questions asked at once, each on the next session that is free; all sessions see one state."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from services.kit.db.sessions import ReadSession

Answer = TypeVar("Answer")

Progress = Callable[[int, int], None]
"""Told how many questions are answered, of how many."""


class Asking:
    """Call it with a question: it is asked as soon as a session is free, in the order of the calls."""

    def __init__(self, sessions: Sequence[ReadSession], progress: Progress, group: asyncio.TaskGroup) -> None:
        self._free: asyncio.Queue[ReadSession] = asyncio.Queue()
        for session in sessions:
            self._free.put_nowait(session)
        self._progress = progress
        self._group = group
        self._asked = self._answered = 0

    def __call__(self, question: Callable[[ReadSession], Awaitable[Answer]]) -> asyncio.Task[Answer]:
        """What awaits the answer."""
        self._asked += 1
        return self._group.create_task(self._ask(question))

    async def _ask(self, question: Callable[[ReadSession], Awaitable[Answer]]) -> Answer:
        session = await self._free.get()
        try:
            answer = await question(session)
        finally:
            self._free.put_nowait(session)
        self._answered += 1
        self._progress(self._answered, self._asked)
        return answer


@asynccontextmanager
async def asking(sessions: Sequence[ReadSession], progress: Progress) -> AsyncIterator[Asking]:
    """Ask on these sessions. The first question that fails ends all, and what it raised is raised here."""
    try:
        async with asyncio.TaskGroup() as group:
            yield Asking(sessions, progress, group)
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from None
