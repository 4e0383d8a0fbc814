"""Faults of reading a log that end a process, and say what to do."""

from services.kit.errors import Fatal


class KafkaUnreachable(Fatal):
    """No broker answered at start.

    Attributes:
        bootstrap: The addresses tried.
        why: The client's words.
    """

    def __init__(self, bootstrap: str, why: str) -> None:
        self.bootstrap = bootstrap
        self.why = why
        super().__init__(
            f"Kafka does not answer at {bootstrap}: {why}; see KAFKA_BOOTSTRAP_SERVERS, "
            "or start it with `rung stack up`"
        )


class TopicsMissing(Fatal):
    """Topics that this service needs do not exist.

    Attributes:
        names: Their full names.
    """

    exit_code = 78
    """EX_CONFIG of sysexits.h: restarting does not help."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(f"no topic {', '.join(names)}: run `rung topics`")


class PartitionsDiffer(Fatal):
    """Topics that are keyed by account do not have the same number of partitions, which would split accounts.

    Attributes:
        counts: Number of partitions by full name of the topic.
    """

    exit_code = 78
    """EX_CONFIG of sysexits.h: restarting does not help."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts
        told = ", ".join(f"{topic} has {count}" for topic, count in counts.items())
        super().__init__(
            f"topics have different numbers of partitions: {told}; make the deployment's topics anew with one number"
        )


class PositionLost(Fatal):
    """The log does not hold the position that the store stopped at: what lay between is unknown, so nothing is skipped.

    Attributes:
        topic: Full name.
        positions: Partition to the position that was asked for.
    """

    def __init__(self, topic: str, positions: dict[int, int]) -> None:
        self.topic = topic
        self.positions = positions
        told = ", ".join(f"{topic}[{partition}] at {offset}" for partition, offset in sorted(positions.items()))
        super().__init__(
            f"{told}: not in the log any more, or not yet (retention has passed it, or the topic was made anew); "
            "restore a backup, or empty the tables and their positions to rebuild from the log's start"
        )


class GroupFault(Fatal):
    """The broker or the client ended the membership in the consumer group for good.

    Attributes:
        group: Name of the consumer group.
        why: The client's words.
    """

    def __init__(self, group: str, why: str) -> None:
        self.group = group
        self.why = why
        super().__init__(f"consumer group {group} is lost: {why}")
