"""`make mutate`: plant faults in the engine's domain, one at a time, and count how many its tests find.

mutmut makes the faults and knows which tests run the code that each of them is in. Trying all of them takes hours, so a
sample is drawn by a seed: of 600, the share found is right to 3 points in 19 of 20 draws.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MADE: Final = Path("mutants/services/trigger_engine/domain")
"""Where mutmut keeps the faults that it made, beside each file what became of them."""

SURVIVED: Final = 0
NO_TEST: Final = 33
NAMES: Final = {SURVIVED: "survived", NO_TEST: "no test runs it"}
"""Exit codes of mutmut's workers that mean that nothing was found; with every other one the fault was."""

STOPPED: Final = frozenset({36, -24, -9, 24, 152, 255})
"""Exit codes of tests that a fault made so slow that they were stopped: found, but by no test. Counted apart."""

FIRST: Final = "services.trigger_engine.domain.numbers.x_added__mutmut_1"
"""A fault to begin with: names are known once all are made, and they are made when the first is tried."""

GOAL: Final = 0.85


def main() -> int:
    """0 when enough was found."""
    parser = argparse.ArgumentParser(prog="make mutate", description="plant faults and count those that tests find")
    parser.add_argument("--sample", type=int, default=600, help="how many faults; 0 tries all")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    asked = parser.parse_args()
    _try([FIRST])
    made = sorted(_fates())
    chance = random.Random(asked.seed)  # noqa: S311 - it only chooses what is tried
    drawn = chance.sample(made, min(asked.sample or len(made), len(made)))
    _try(drawn)
    return _tell(drawn, _fates(), len(made))


def _try(names: Iterable[str]) -> None:
    """Have mutmut plant these. What it prints is for a person at a terminal; its files say the same."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 2), *names]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode != 0:
        sys.exit(
            f"{done.stdout[-4_000:]}\n{done.stderr[-2_000:]}\nmutmut could not try the tests: they must pass first"
        )


def _fates() -> dict[str, int | None]:
    """Each fault by its name, with the exit code of the tests that ran into it; None when it was not tried."""
    found: dict[str, int | None] = {}
    for kept in sorted(MADE.rglob("*.meta")):
        found.update(json.loads(kept.read_text())["exit_code_by_key"])
    return found


def _tell(drawn: Iterable[str], fates: Mapping[str, int | None], made: int) -> int:
    """Print what was found and, by name, what was not."""
    tried = {name: fate for name in drawn if (fate := fates[name]) is not None}
    missed = {name: NAMES[fate] for name, fate in tried.items() if fate in NAMES}
    for name, why in missed.items():
        print(f"{why}: {name}")  # noqa: T201 - the result; `mutmut show NAME` shows the fault
    stopped = [name for name, fate in tried.items() if fate in STOPPED]
    for name in stopped:
        print(f"ran out of time: {name}")  # noqa: T201 - as above
    share = 1 - (len(missed) + len(stopped)) / len(tried)
    off = 1.96 * math.sqrt(share * (1 - share) / len(tried))
    by_file = Counter(name.rpartition(".")[0].removeprefix("services.trigger_engine.domain.") for name in missed)
    print(f"most missed: {', '.join(f'{file} {count}' for file, count in by_file.most_common(8))}")  # noqa: T201 - as above
    print(  # noqa: T201 - as above
        f"{share:.1%} of {len(tried)} faults were found by a test (+- {off:.1%}; goal {GOAL:.0%}); "
        f"{len(stopped)} more ran out of time; {made} can be made"
    )
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
