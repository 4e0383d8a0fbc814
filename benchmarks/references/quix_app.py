"""Reference: count and threshold on Quix Streams, exactly once, a commit every 100 ms.

``quix_app.py BOOTSTRAP INPUT OUTPUT THRESHOLD STATE_DIRECTORY COUNT``. Written as its documentation shows it.
"""

import sys
import time
from typing import Any

from quixstreams import Application, State

TELL_S = 0.1


class Count:
    """Counts by key; lets pass what reaches the threshold, and tells how far it is."""

    def __init__(self, threshold: int, total: int) -> None:
        self.threshold = threshold
        self.total = total
        self.done = 0
        self.told_at = 0.0

    def __call__(self, value: dict[str, Any], state: State) -> dict[str, Any] | None:
        """One event."""
        count = state.get("count", 0) + 1
        state.set("count", count)
        self.done += 1
        if self.done % 64 == 0 or self.done == self.total:
            now = time.monotonic()
            if now >= self.told_at + TELL_S or self.done == self.total:
                self.told_at = now
                print("P", now, self.done, flush=True)  # noqa: T201 - read by the one who started us
        return {"account": value["subject"], "count": count} if count == self.threshold else None


def main(bootstrap: str, source: str, target: str, threshold: str, home: str, total: str) -> None:
    """Run until told to stop."""
    app = Application(
        broker_address=bootstrap,
        consumer_group=f"{source}-quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=0.1,
        state_dir=home,
    )
    events = app.dataframe(app.topic(source, key_deserializer="str", value_deserializer="json"))
    counted = events.apply(Count(int(threshold), int(total)), stateful=True)
    counted = counted[counted.apply(lambda found: found is not None)]
    counted.to_topic(app.topic(target, key_serializer="str", value_serializer="json"))
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
