"""The oracle works out again all that an engine made of the whole language in the course of months."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oracle.verify import Options, verify
from schemas.playbooks import SetPublished, SourceFile, WholeSet
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.happenings import DAY, Happenings
from tests.oracle.whole.sets import CARE, GROWTH, LIMITS, PRODUCT

START = datetime(2026, 3, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
AT_ONCE = Options(wait=lambda _: None)


def published(*texts: str) -> SetPublished:
    """A set of these documents."""
    files = tuple(SourceFile(path=f"{place}.yaml", text=text) for place, text in enumerate(texts))
    return SetPublished(id="set", source="tests", subject="files", time=START, data=WholeSet(files=files))


@pytest.mark.parametrize("seed", range(3))
def test_the_oracle_agrees_with_the_engine(seed: int) -> None:
    dry = Dry(START_US + DAY)
    dry.tell_sets(published(PRODUCT, LIMITS, GROWTH, CARE))
    happenings = Happenings(dry, seed)
    for _ in range(200):
        happenings.turn()
    report = verify(dry.logs, AT_ONCE)
    assert [str(violation) for violation in report.violations] == []
    assert report.total("digests") == report.total("transactions") > 200
