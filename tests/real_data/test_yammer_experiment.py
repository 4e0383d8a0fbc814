"""The experiment of the same network: did a new way to publish make people send more messages? Known: t = 7.6245."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Final

import pytest
from scipy import stats

from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.difference import difference
from services.metrics_sink.domain.statistics.sample_ratio import Split, is_broken
from tests.contracts.real_data import folder

UNTIL: Final = "2014-07-01"
CONTROL, TEST = "control_group", "test_group"


@pytest.fixture(scope="module")
def assigned() -> dict[str, tuple[str, str]]:
    """User to group and time."""
    with gzip.open(folder("yammer") / "experiments.csv.gz", "rt") as file:
        return {row["user_id"]: (row["experiment_group"], row["occurred_at"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def messages(assigned: dict[str, tuple[str, str]]) -> dict[str, list[int]]:
    """Of each group, how many messages each user sent since the assignment."""
    sent: Counter[str] = Counter()
    with gzip.open(folder("yammer") / "events.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            _, since = assigned.get(row["user_id"], ("", UNTIL))
            sent[row["user_id"]] += row["event_name"] == "send_message" and since <= row["occurred_at"] < UNTIL
    return {
        group: [sent[user] for user, (group_of, _) in assigned.items() if group_of == group]
        for group in (CONTROL, TEST)
    }


def arm(counts: list[int]) -> Arm:
    return Arm(len(counts), Decimal(sum(counts)), Decimal(sum(count * count for count in counts)))


def test_means_and_t_are_the_known_ones_and_those_of_scipy(messages: dict[str, list[int]]) -> None:
    control, test = arm(messages[CONTROL]), arm(messages[TEST])
    assert (control.accounts, test.accounts) == (1_746, 849)
    assert (round(control.mean, 3), round(test.mean, 3)) == (Decimal("2.669"), Decimal("4.075"))
    error = sqrt(sum(one.spread / (one.accounts - 1) / one.accounts for one in (control, test)))
    t = float(test.mean - control.mean) / error
    assert round(t, 4) == 7.6245
    assert t == pytest.approx(stats.ttest_ind(messages[TEST], messages[CONTROL], equal_var=False).statistic)


def test_more_messages_are_sure_also_for_who_looked_every_day(messages: dict[str, list[int]]) -> None:
    found = difference(arm(messages[TEST]), arm(messages[CONTROL]))
    assert found is not None
    assert found.estimate == pytest.approx(1.4064, abs=1e-4)
    assert found.surely_more


def test_the_split_is_one_to_two_and_a_half_would_be_void(messages: dict[str, list[int]]) -> None:
    accounts, treated = sum(map(len, messages.values())), len(messages[TEST])
    assert not is_broken([Split(accounts, treated, Fraction(1, 3))])
    assert is_broken([Split(accounts, treated, Fraction(1, 2))])
