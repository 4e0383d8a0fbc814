"""Which partition an account belongs to: the same for every producer in every language."""

from aiokafka.partitioner import murmur2

POSITIVE = 0x7FFFFFFF
"""The Java client takes the sign away like this before the modulo."""


def partition_of(account: str, partitions: int) -> int:
    """Partition of ``account`` among ``partitions``: murmur2 of its UTF-8 bytes, as in the Java client's default."""
    return int(murmur2(account.encode()) & POSITIVE) % partitions
