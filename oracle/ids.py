"""Ids follow from what they identify: uuid5 over a canonical JSON array of format, kind and fields."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Final

NAMESPACE: Final = uuid.UUID("6b1f0c1e-6c5d-5d0a-9a1b-72756e670001")
FORMAT: Final = 1
ERASED: Final = b"E"


def made_of(kind: str, *fields: object) -> str:
    """The id of the ``kind`` of thing that ``fields`` identify."""
    name = json.dumps([FORMAT, kind, *fields], ensure_ascii=False, separators=(",", ":"))
    return str(uuid.uuid5(NAMESPACE, name))


def dead_letter(topic: str, partition: int, offset: int) -> str:
    """The id of a dead letter says where the record lay."""
    where = {"topic": topic, "partition": partition, "offset": offset}
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(["dead-letter/1", where], sort_keys=True)))


def account_key(account: str) -> bytes:
    """Key of the account's slice in the state log."""
    raw = account.encode()
    return b"A" + len(raw).to_bytes(2, "big") + raw


def user_key(account: str, user: str) -> bytes:
    """Key of the slice of a user of the account."""
    raw = user.encode()
    return users_of(account) + len(raw).to_bytes(2, "big") + raw


def users_of(account: str) -> bytes:
    """What the keys of all its users' slices begin with."""
    return b"U" + account_key(account)[1:]


def erased_key(account: str) -> bytes:
    """Key of the marker that the account was erased."""
    return ERASED + hashlib.blake2b(account.encode(), digest_size=16).digest()


def account_of(key: bytes) -> str:
    """The account that a slice belongs to."""
    return key[3 : 3 + int.from_bytes(key[1:3], "big")].decode(errors="replace")


def partition_of(account: str, partitions: int) -> int:
    """Where all that concerns an account lies: murmur2 of its id, as Kafka's own clients have it."""
    return (_murmur2(account.encode()) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, seed 0x9747b28c: https://github.com/aappleby/smhasher, as Kafka fixes it."""
    mask, mixer = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * mixer & mask
        word = (word ^ word >> 24) * mixer & mask
        value = (value * mixer & mask) ^ word
    if len(data) > whole:
        value = (value ^ int.from_bytes(data[whole:], "little")) * mixer & mask
    value = (value ^ value >> 13) * mixer & mask
    return value ^ value >> 15
