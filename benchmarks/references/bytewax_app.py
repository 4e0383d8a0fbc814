"""Reference: count and threshold on Bytewax with recovery, a snapshot every 100 ms.

``bytewax_app.py BOOTSTRAP INPUT OUTPUT THRESHOLD RECOVERY_DIRECTORY COUNT``. Written as its documentation shows it.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import cluster_main

TELL_S = 0.1
SNAPSHOT_MS = 100
RECOVERY_PARTITIONS = 4


class Tell:
    """Tells how far it is."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.told_at = 0.0

    def one(self) -> None:
        """One event was counted."""
        self.done += 1
        if self.done % 64 == 0 or self.done == self.total:
            now = time.monotonic()
            if now >= self.told_at + TELL_S or self.done == self.total:
                self.told_at = now
                print("P", now, self.done, flush=True)  # noqa: T201 - read by the one who started us


def flow(bootstrap: str, source: str, target: str, threshold: int, tell: Tell) -> Dataflow:
    """Kafka, JSON, count by key, threshold, Kafka."""
    made = Dataflow("counting")
    read = kop.input("in", made, brokers=[bootstrap], topics=[source], batch_size=1_000, tail=True)

    def keyed(message: KafkaSourceMessage[Any, Any]) -> tuple[str, dict[str, Any]]:
        value = json.loads(message.value)
        return value["subject"], value

    def count(state: int | None, _: dict[str, Any]) -> tuple[int, int | None]:
        now = (state or 0) + 1
        tell.one()
        return now, now if now == threshold else None

    counted = op.stateful_map("count", op.map("json", read.oks, keyed), count)
    passed = op.filter("threshold", counted, lambda pair: pair[1] is not None)
    told = op.map(
        "told",
        passed,
        lambda pair: KafkaSinkMessage(pair[0].encode(), json.dumps({"account": pair[0], "count": pair[1]}).encode()),
    )
    kop.output("out", told, brokers=[bootstrap], topic=target)
    return made


def main(bootstrap: str, source: str, target: str, threshold: str, home: str, total: str) -> None:
    """Run until told to stop."""
    place = Path(home)
    place.mkdir(parents=True, exist_ok=True)
    init_db_dir(place, RECOVERY_PARTITIONS)
    cluster_main(
        flow(bootstrap, source, target, int(threshold), Tell(int(total))),
        [],
        0,
        epoch_interval=timedelta(milliseconds=SNAPSHOT_MS),
        recovery_config=RecoveryConfig(place, backup_interval=timedelta(0)),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
