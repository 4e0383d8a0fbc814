"""`make trials`: how often an effect is found where there is none, and where there is one."""

from __future__ import annotations

import argparse
from typing import Final

from tests.metrics_sink.domain.statistics.looking import Trial, payments, played, shares

SEED: Final = 20_261_128

TRIALS: Final = {
    "A/A, 10 % convert, half held out": Trial(shares(0.10), 20_000, 0.50),
    "A/A, 10 % convert, 5 % held out": Trial(shares(0.10), 40_000, 0.05),
    "A/A, 2 % convert, 5 % held out": Trial(shares(0.02), 40_000, 0.05),
    "A/A, revenue, 5 % pay, half held out": Trial(payments(0.05, 1.0), 20_000, 0.50),
    "A/A, revenue, 30 % pay, 5 % held out": Trial(payments(0.30, 0.7), 40_000, 0.05),
    "A/A, 10 % convert, late, half held out": Trial(shares(0.10), 20_000, 0.50, late=3_000),
    "A/A, 10 % convert, late, 5 % held out": Trial(shares(0.10), 40_000, 0.05, late=6_000),
    "+20 %, 10 % convert, half held out, 10,000": Trial(shares(0.10), 10_000, 0.50, lift=1.2),
    "+20 %, 10 % convert, half held out, 20,000": Trial(shares(0.10), 20_000, 0.50, lift=1.2),
    "+20 %, 10 % convert, 20 % held out, 20,000": Trial(shares(0.10), 20_000, 0.20, lift=1.2),
    "+20 %, 10 % convert, 5 % held out, 40,000": Trial(shares(0.10), 40_000, 0.05, lift=1.2),
    "+20 %, 10 % convert, 5 % held out, 100,000": Trial(shares(0.10), 100_000, 0.05, lift=1.2),
    "+20 %, 30 % convert, 5 % held out, 40,000": Trial(shares(0.30), 40_000, 0.05, lift=1.2),
}


def main() -> None:
    """Print the table of `docs/statistics.md`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--runs", type=int, default=1_000)
    runs = arguments.parse_args().runs
    print(f"| {runs:,} runs, 100 looks each | always valid | fixed test | fixed test, one look |")  # noqa: T201 - its purpose
    print("|---|---|---|---|")  # noqa: T201 - its purpose
    for name, trial in TRIALS.items():
        found = played(trial, runs, SEED)
        cells = [f"{share:.1%}" for share in (found.always_valid, found.fixed, found.once_at_the_end)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)  # noqa: T201 - its purpose


if __name__ == "__main__":
    main()
