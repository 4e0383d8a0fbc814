"""Keys of the state log: a kind byte and length-prefixed ids, so that none begins another by chance."""

import struct
from typing import Final

from services.kit.digest import digest_of
from services.trigger_engine.domain.parts import Part

ACCOUNT: Final = b"A"
USER: Final = b"U"
GROUP: Final = b"G"
PARTS: Final = (USER, GROUP)
"""What keys of parts of accounts begin with."""

ERASED: Final = b"E"
LENGTH: Final = struct.Struct(">H")
BEFORE_ACCOUNT: Final = 1 + LENGTH.size


def account_key(account: str) -> bytes:
    """Key of an account's slice."""
    return _prefix(ACCOUNT, account)


def user_key(account: str, user: str) -> bytes:
    """Key of the slice of one user of an account."""
    name = user.encode()
    return _prefix(USER, account) + LENGTH.pack(len(name)) + name


def group_key(account: str, prop: str, value: str) -> bytes:
    """Key of the slice of those of an account of whom the property ``prop`` is ``value``."""
    name, told = prop.encode(), value.encode()
    return _prefix(GROUP, account) + LENGTH.pack(len(name)) + name + LENGTH.pack(len(told)) + told


def part_key(account: str, part: Part) -> bytes:
    """Key of the slice of one part of an account."""
    return user_key(account, part.name) if part.prop is None else group_key(account, part.prop, part.name)


def _prefix(kind: bytes, account: str) -> bytes:
    raw = account.encode()
    return kind + LENGTH.pack(len(raw)) + raw


def erased_key(account: str) -> bytes:
    """Key of the marker that an account was erased: it does not tell which."""
    return ERASED + digest_of(account)


def account_of(key: bytes) -> str:
    """The account that a slice belongs to."""
    (length,) = LENGTH.unpack_from(key, 1)
    return key[BEFORE_ACCOUNT : BEFORE_ACCOUNT + length].decode()


def part_of(key: bytes) -> Part | None:
    """The part of the account that a slice is of; None when it is the account's own."""
    if key.startswith(ACCOUNT):
        return None
    (length,) = LENGTH.unpack_from(key, 1)
    first, rest = _split(key[BEFORE_ACCOUNT + length :])
    if key.startswith(USER):
        return Part(first)
    return Part(_split(rest)[0], first)


def _split(raw: bytes) -> tuple[str, bytes]:
    """The first of ids that follow each other, and the others."""
    (length,) = LENGTH.unpack_from(raw)
    end = LENGTH.size + length
    return raw[LENGTH.size : end].decode(), raw[end:]
