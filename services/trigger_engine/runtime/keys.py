"""Keys of the state log: a kind byte and length-prefixed ids, so that none begins another by chance."""

import struct
from hashlib import blake2b
from typing import Final

ACCOUNT: Final = b"A"
USER: Final = b"U"
ERASED: Final = b"E"
LENGTH: Final = struct.Struct(">H")
BEFORE_ACCOUNT: Final = 1 + LENGTH.size


def account_key(account: str) -> bytes:
    """Key of an account's slice."""
    raw = account.encode()
    return ACCOUNT + LENGTH.pack(len(raw)) + raw


def user_key(account: str, user: str) -> bytes:
    """Key of the slice of one user of an account."""
    name = user.encode()
    return user_prefix(account) + LENGTH.pack(len(name)) + name


def user_prefix(account: str) -> bytes:
    """What the keys of all users of an account begin with."""
    raw = account.encode()
    return USER + LENGTH.pack(len(raw)) + raw


def erased_key(account: str) -> bytes:
    """Key of the marker that an account was erased: it does not tell which."""
    return ERASED + blake2b(account.encode(), digest_size=16).digest()


def raw_account_of(key: bytes) -> bytes:
    """The account that a slice belongs to, as the bytes that are the key of its usage."""
    (length,) = LENGTH.unpack_from(key, 1)
    return key[BEFORE_ACCOUNT : BEFORE_ACCOUNT + length]


def account_of(key: bytes) -> str:
    """The account that a slice belongs to."""
    return raw_account_of(key).decode()


def user_of(key: bytes) -> str | None:
    """The user that a slice belongs to; None when it is the account's own."""
    if not key.startswith(USER):
        return None
    (length,) = LENGTH.unpack_from(key, 1)
    return key[BEFORE_ACCOUNT + length + LENGTH.size :].decode()
