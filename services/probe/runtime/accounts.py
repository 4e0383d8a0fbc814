"""Which accounts a probe has: one of each partition, always the same."""

from itertools import count

from schemas.probe import MARK
from services.kit.kafka.partitioning import partition_of


def accounts_of(name: str, partitions: int) -> list[str]:
    """The accounts of the probe ``name``, in the order of their partitions."""
    found: dict[int, str] = {}
    for number in count():
        account = f"{MARK}{name}:{number}"
        found.setdefault(partition_of(account, partitions), account)
        if len(found) == partitions:
            return [found[partition] for partition in range(partitions)]
    raise AssertionError  # `count` has no end
