"""Ports that no other stack on this machine takes at the same time."""

from __future__ import annotations

import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Final

from services.local_stack import locks

HOST: Final = "127.0.0.1"

# Below the range that Linux takes ports of outgoing connections from (32768 and up), so that a port chosen now is
# still free when the server binds it a second later.
_CHOICE: Final = range(20000, 32000)


class Ports:
    """The ports of one stack, leased by a locked file each, until they are released or the process ends."""

    def __init__(self) -> None:
        self._leases: dict[int, int] = {}
        self._directory = Path(tempfile.gettempdir()) / f"rung-ports-{os.getuid()}"

    def choose(self, preferred: int = 0) -> int:
        """The preferred port if it is free and nobody's, else any that is; 0 prefers none."""
        for port in (*([preferred] if preferred else []), *random.sample(_CHOICE, len(_CHOICE))):
            if self._take(port):
                return port
        raise OSError(f"no free port in {_CHOICE.start}-{_CHOICE.stop - 1}")

    def release(self) -> None:
        """Let others have them."""
        while self._leases:
            os.close(self._leases.popitem()[1])

    def _take(self, port: int) -> bool:
        if port in self._leases:
            return False
        lease = locks.acquire(self._directory / str(port), within_s=0.0)
        if lease is None:
            return False
        if not _is_free(port):
            os.close(lease)
            return False
        self._leases[port] = lease
        return True


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as servers do: connections that are timing out do not keep a port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
