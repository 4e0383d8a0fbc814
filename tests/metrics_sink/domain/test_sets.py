from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from schemas.playbooks import (
    OfferPaused,
    OfferResumed,
    OldSet,
    PlaybookEvent,
    SetPublished,
    SetRolledBack,
    SourceFile,
    Switch,
    WholeSet,
)
from services.metrics_sink.domain.guard import Guard
from services.metrics_sink.domain.sets import InForce, following
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

NOW = datetime(2026, 3, 4, tzinfo=UTC)
OTHER = "product: files\nholdout: {share: 10%}\n"


def files(*texts: str) -> tuple[SourceFile, ...]:
    return tuple(SourceFile(path=f"{number}.yaml", text=text) for number, text in enumerate(texts))


def published(*texts: str, expects: int | None = None) -> SetPublished:
    return SetPublished(**envelope(), data=WholeSet(files=files(*texts), expects=expects))


def envelope() -> dict[str, Any]:
    return {"id": "1", "source": "tests", "subject": "files", "time": NOW}


def paused(offer: str = "more_storage") -> OfferPaused:
    return OfferPaused(**envelope(), data=Switch(offer=offer))


def resumed(offer: str = "more_storage") -> OfferResumed:
    return OfferResumed(**envelope(), data=Switch(offer=offer))


def after(*events: PlaybookEvent) -> InForce:
    found: InForce | None = None
    for version, event in enumerate(events):
        found = following(found, event, version)
    assert found is not None
    return found


def test_guards_and_holdout_are_read_from_the_documents_of_a_whole_language() -> None:
    found = after(published(WHOLE, PLAYBOOK))
    assert found.guards == {"more_storage": Guard(200, Decimal("0.4"), Decimal("0.2"))}
    assert (found.version, found.product, found.shares) == (0, "files", {0: Decimal("0.05")})


def test_a_set_without_a_holdout_holds_nobody_out() -> None:
    assert after(published("product: files")).shares == {0: Decimal(0)}


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(published(OTHER, expects=7), id="it expects another set before it"),
        pytest.param(published("a: [b"), id="no yaml"),
        pytest.param(published("- a"), id="no document"),
        pytest.param(published("offers: {a: {stop_if: {after: soon}}}"), id="a guard that is none"),
        pytest.param(published("holdout: {share: some}"), id="a share that is none"),
    ],
)
def test_what_no_engine_takes_leaves_the_set_before_it_in_force(refused: SetPublished) -> None:
    before = after(published(WHOLE, PLAYBOOK))
    assert following(before, refused, 1) is before


def test_an_offer_that_goes_on_is_judged_anew() -> None:
    assert after(published(WHOLE, PLAYBOOK), paused()).paused == {"more_storage"}
    found = after(published(WHOLE, PLAYBOOK), paused(), resumed())
    assert found.paused == frozenset()
    assert found.compared("more_storage") == [2]
    assert found.compared("team_plan") == [0, 1, 2]


def test_only_versions_that_held_out_the_same_share_are_compared() -> None:
    found = after(published(WHOLE, PLAYBOOK), published(OTHER), published(WHOLE, PLAYBOOK))
    assert found.compared("more_storage") == [0, 2]


def test_a_set_that_is_rolled_back_to_has_its_guards_again() -> None:
    old = SetRolledBack(**envelope(), data=OldSet(files=files(WHOLE, PLAYBOOK), to=0, expects=1))
    found = after(published(WHOLE, PLAYBOOK), published(OTHER), old)
    assert list(found.guards) == ["more_storage"]
    assert found.version == 2


def test_before_any_set_nothing_is_paused() -> None:
    assert following(None, paused(), 0) is None
