"""Clients that wait before they ask a broker again that is away, or that does not know either.

A refused connection takes less than a millisecond, and who was refused asks again at once: a consumer or producer that
does not know which broker leads a partition asks for metadata without a pause (aiokafka issue #496). One such client
takes a core and writes ten thousand lines of log a second, for as long as the broker is away. Others pause for 20 to
100 ms, and an engine has dozens of them. All of them go through the client's `_get_conn`; so here it is told a little
later that there is no connection. A client that waits can be closed.

A broker that is there may not know who leads a partition, while another is elected or when there is no such topic. Then
a client asks it three thousand times a second, just when it has enough to do; here, ten times.

This leans on private parts of aiokafka. It is used only where they look as they were found to; else clients are as
impatient as they come.
"""

import asyncio
import time
from typing import Any, Final

import aiokafka
from aiokafka import client
from aiokafka.admin import client as admin
from aiokafka.consumer import consumer, fetcher
from aiokafka.producer import producer
from typing_extensions import override

KNOWN: Final = "0.14."
"""The line of aiokafka in which the loops around `_get_conn` were read."""

FIRST_S: Final = 0.1
"""Before the first failure is told, as long as the client's own pauses are by default; then twice that, and so on."""

LONGEST_S: Final = 0.5
"""Half of Kafka's ``reconnect.backoff.max.ms``: leaving a group may take two of these, and has `group.LEAVE_S`."""

ASKED_FIRST_S: Final = 0.001
ASKED_LONGEST_S: Final = 0.1
"""Between two questions about topics that follow each other: a client that starts has a few, and should not wait."""

CALM_S: Final = 0.2
"""Questions that are further apart do not follow each other."""


def _is_known() -> bool:
    return (
        aiokafka.__version__.startswith(KNOWN)
        and all(hasattr(client.AIOKafkaClient, name) for name in ("_get_conn", "_metadata_update"))
        and hasattr(fetcher.Fetcher, "_proc_fetch_request")
        and all(hasattr(module, "AIOKafkaClient") for module in (admin, consumer, producer))
        and hasattr(consumer, "Fetcher")
    )


if _is_known():

    class PatientClient(client.AIOKafkaClient):
        """Tells late that it could not connect, and asks about topics now and then."""

        _pause_s = FIRST_S
        _gap_s = 0.0
        _asked_at = 0.0

        @override
        async def _get_conn(self, node_id: Any, **how: Any) -> Any:
            """The connection, or after a pause None."""
            connection = await super()._get_conn(node_id, **how)  # type: ignore[no-untyped-call]  # as it is there
            if connection is not None:
                self._pause_s = FIRST_S
                return connection
            pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, LONGEST_S)
            await asyncio.sleep(pause_s)
            return None

        @override
        async def _metadata_update(self, *about: Any) -> Any:
            """Whether there was an answer."""
            follows = time.monotonic() - self._asked_at < CALM_S
            self._gap_s = min(max(2 * self._gap_s, ASKED_FIRST_S), ASKED_LONGEST_S) if follows else 0.0
            await asyncio.sleep(self._gap_s)
            try:
                return await super()._metadata_update(*about)  # type: ignore[no-untyped-call]  # as above
            finally:
                self._asked_at = time.monotonic()

    class CalmFetcher(fetcher.Fetcher):
        """Can be closed while it waits before it fetches again: there it raised ``CancelledError``, half closed."""

        @override
        async def _proc_fetch_request(self, *of: Any) -> Any:
            """Whether there is anything new."""
            try:
                return await super()._proc_fetch_request(*of)  # type: ignore[no-untyped-call]  # as above
            except asyncio.CancelledError:
                return False

    for module in (admin, consumer, producer):
        module.AIOKafkaClient = PatientClient  # type: ignore[attr-defined]  # that is the point
    consumer.Fetcher = CalmFetcher  # type: ignore[attr-defined]  # as above
