"""Public keys of who signs tokens: from a file, or from an address; both change while this process runs."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.kit.clock import Clock
from services.kit.errors import Fatal

log = structlog.get_logger()

Stamp = tuple[int, int, int]
"""What changes when a file does: time in nanoseconds, size, inode."""

REFRESH_S: Final = 300.0
"""How often an address is asked again; a new key is published that long before it signs, or is found by `missed`."""

GAP_S: Final = 10.0
"""Shortest time between two questions: whoever sends made-up tokens must not make us ask and ask."""

ANSWER_S: Final = 3.0
"""Longest wait for an answer: somebody with a new key waits for it."""

MAX_BYTES: Final = 256 * 1024
"""Largest answer that is read: some five hundred keys."""


class KeysUnusable(Fatal):
    """The public keys can not be used.

    Attributes:
        where: The file or the address.
        why: What is wrong with it.
    """

    exit_code = 78
    """EX_CONFIG of sysexits.h: restarting does not help."""

    def __init__(self, where: str, why: str) -> None:
        self.where = where
        self.why = why
        super().__init__(f"setting RUNG_API_JWKS: {where}: {why}")


class KeysUnreachable(KeysUnusable):
    """The address of the public keys did not answer at start."""

    exit_code = 70
    """EX_SOFTWARE of sysexits.h: restarting may help."""


class Keys(Protocol):
    """Public keys as they are now."""

    def current(self) -> KeySet:
        """The keys. Does not block for long: reads a small file at most."""

    async def missed(self) -> bool:
        """A token named a key that is not there; whether there are other keys now."""

    async def run(self) -> None:
        """Keep them fresh, until cancelled."""


class FileKeys:
    """`Keys` in a file, which is read anew when it changes; a broken one leaves the old keys."""

    def __init__(self, path: Path) -> None:
        """Raises `KeysUnusable`."""
        self._path = path
        self._stamp = _stamp(path)
        self._keys = _from_file(path)

    def current(self) -> KeySet:
        """The keys that the file has, or had when it could last be read."""
        try:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._keys = _from_file(self._path)
                log.info("keys read anew", path=str(self._path), keys=len(self._keys.keys))
        except KeysUnusable as fault:
            log.warning("keys kept as they were", detail=str(fault))
        return self._keys

    async def missed(self) -> bool:
        """The file was looked at just now."""
        return False

    async def run(self) -> None:
        """Nothing to do: the file is looked at when a token comes."""
        await asyncio.Event().wait()


class UrlKeys:
    """`Keys` at an address, asked for now and again, and when a token names one that is not there."""

    def __init__(self, url: str, clock: Clock, gap_s: float = GAP_S) -> None:
        """``gap_s``: shortest time between two questions, in seconds."""
        self._url = url
        self._clock = clock
        self._gap_s = gap_s
        self._asking = asyncio.Lock()
        self._asked_at = clock.monotonic()
        self._keys = KeySet([])

    async def start(self) -> None:
        """Ask for the first time; raises `KeysUnusable`, `KeysUnreachable`."""
        self._keys = await self._ask()

    def current(self) -> KeySet:
        """The keys that the last good answer had."""
        return self._keys

    async def missed(self) -> bool:
        """Ask again, unless that was just done. Those who come meanwhile share the answer."""
        known = self._keys
        async with self._asking:
            if self._keys is not known:
                return True
            if self._clock.monotonic() - self._asked_at < self._gap_s:
                return False
            await self._refresh()
        return self._keys is not known

    async def run(self) -> None:
        """Ask every `REFRESH_S`."""
        while True:
            await asyncio.sleep(REFRESH_S)
            async with self._asking:
                await self._refresh()

    async def _refresh(self) -> None:
        try:
            self._keys = await self._ask()
            log.info("keys read anew", url=self._url, keys=len(self._keys.keys))
        except KeysUnusable as fault:
            log.warning("keys kept as they were", detail=str(fault))

    async def _ask(self) -> KeySet:
        self._asked_at = self._clock.monotonic()
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                httpx.AsyncClient(follow_redirects=False, trust_env=False) as client,
                client.stream("GET", self._url, headers={"accept": "application/json"}) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    raise KeysUnreachable(self._url, f"answers {answer.status_code}")
                body = b""
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise KeysUnusable(self._url, "is too large")
        except (httpx.HTTPError, TimeoutError) as error:
            raise KeysUnreachable(self._url, f"does not answer ({type(error).__name__})") from None
        return _parsed(self._url, body)


async def keys_at(where: str, clock: Clock) -> Keys:
    """The keys in the file or at the address ``where``. Raises `KeysUnusable`."""
    if "://" not in where:
        return FileKeys(Path(where))
    keys = UrlKeys(where, clock)
    await keys.start()
    return keys


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError as error:
        raise KeysUnusable(str(path), error.strerror or "can not be read") from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _from_file(path: Path) -> KeySet:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise KeysUnusable(str(path), error.strerror or "can not be read") from None
    return _parsed(str(path), body)


def _parsed(where: str, body: bytes) -> KeySet:
    try:
        found: Any = json.loads(body)
        keys = KeySet.import_key_set({"keys": [key for key in found["keys"] if key["kty"] != "oct"]})
    except (ValueError, KeyError, TypeError, RecursionError, JoseError) as error:
        raise KeysUnusable(where, f"is no JSON Web Key Set with a public key ({type(error).__name__})") from None
    if any(key.is_private for key in keys):
        raise KeysUnusable(where, "has a private key in it, which must not be here")
    return keys
