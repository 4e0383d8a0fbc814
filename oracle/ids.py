"""Ids follow from what they identify: uuid5 over a canonical JSON array of format, kind and fields."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Final, NamedTuple

NAMESPACE: Final = uuid.UUID("6b1f0c1e-6c5d-5d0a-9a1b-72756e670001")
FORMAT: Final = 1
ERASED: Final = b"E"


class Part(NamedTuple):
    """Part of an account: the user ``name``, or those of whom the property ``prop`` is ``name``."""

    name: str
    prop: str | None = None


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


def part_key(account: str, part: Part) -> bytes:
    """Key of the slice of a part of the account."""
    kind = b"U" if part.prop is None else b"G"
    names = (part.name,) if part.prop is None else (part.prop, part.name)
    return kind + account_key(account)[1:] + b"".join(_with_length(name.encode()) for name in names)


def parts_of(account: str) -> tuple[bytes, bytes]:
    """What the keys of all its parts' slices begin with."""
    return b"U" + account_key(account)[1:], b"G" + account_key(account)[1:]


def part_of(key: bytes) -> Part | None:
    """The part of an account that a slice is of; None when it is the account's own."""
    if key.startswith(b"A"):
        return None
    rest = key[3 + int.from_bytes(key[1:3], "big") :]
    first = rest[2 : 2 + int.from_bytes(rest[:2], "big")]
    if key.startswith(b"U"):
        return Part(first.decode(errors="replace"))
    return Part(rest[len(first) + 4 :].decode(errors="replace"), first.decode(errors="replace"))


def _with_length(raw: bytes) -> bytes:
    return len(raw).to_bytes(2, "big") + raw


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
