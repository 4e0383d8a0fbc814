"""`make simulate`: run seeds, print a line for each that fails, and what was reached."""

from __future__ import annotations

import argparse
import os
import sys

from tests.simulation.bugs import BUGS
from tests.simulation.running import hunt, remember, run, workers


def main() -> int:
    """0 when no seed failed and nothing was missed."""
    parser = argparse.ArgumentParser(prog="make simulate", description="simulate the engine's shell, seed by seed")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processes")
    parser.add_argument("--bug", choices=sorted(BUGS), help="with this bug in the shell, until it is found")
    told = parser.parse_args()
    seeds = range(told.first, told.first + told.seeds)
    with workers(told.workers) as pool:
        report = run(pool, seeds) if told.bug is None else hunt(pool, told.bug, seeds)
    if told.bug is None:
        remember(report)
    sys.stdout.writelines(f"{line}\n" for line in report.lines())
    return 1 if report.failed or report.blind_to else 0


if __name__ == "__main__":
    sys.exit(main())
