"""One record after the other on the log of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from schemas.playbooks import (
    OfferPaused,
    OfferResumed,
    OldSet,
    SetPublished,
    SetRolledBack,
    SourceFile,
    Switch,
    WholeSet,
)
from services.trigger_engine.domain.instants import FIRST_US, to_datetime
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.succession import NotInForce, following
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, T0, playbook

if TYPE_CHECKING:
    from services.trigger_engine.domain.playbook.sets import CompiledSet

ENVELOPE: Final[dict[str, Any]] = {"id": "s-1", "source": "test", "subject": "files", "time": to_datetime(T0)}
BOTH: Final = (PRODUCT, playbook([FULL, REPORT], [MORE, PHOTOS]))
ONE: Final = (PRODUCT, playbook([REPORT], [PHOTOS]))


def files(texts: tuple[str, ...]) -> tuple[SourceFile, ...]:
    return tuple(SourceFile(path=f"{place}.yaml", text=text) for place, text in enumerate(texts))


def published(
    texts: tuple[str, ...] = BOTH, expects: int | None = None, *, at: int = T0, backfill: bool = False
) -> SetPublished:
    data = WholeSet(files=files(texts), expects=expects, backfill=backfill)
    return SetPublished(data=data, **{**ENVELOPE, "time": to_datetime(at)})


def paused(offer: str) -> OfferPaused:
    return OfferPaused(data=Switch(offer=offer), **ENVELOPE)


def resumed(offer: str) -> OfferResumed:
    return OfferResumed(data=Switch(offer=offer), **ENVELOPE)


def first() -> CompiledSet:
    return following(None, published(), 3)


def test_a_set_is_named_by_its_offset() -> None:
    assert first().version == 3
    assert first().has_offer("more")


def test_a_set_can_expect_the_one_before_it() -> None:
    assert following(first(), published(ONE, expects=3), 4).version == 4


@pytest.mark.parametrize("expects", [2, 4])
def test_a_set_that_expects_another_is_not_in_force(expects: int) -> None:
    with pytest.raises(NotInForce, match=f"expects set {expects} before it, and set 3 is in force"):
        following(first(), published(ONE, expects=expects), 5)


def test_a_first_set_can_not_expect_one() -> None:
    with pytest.raises(NotInForce, match="none is in force"):
        following(None, published(expects=0), 1)


def test_an_older_set_expects_just_so() -> None:
    old = OldSet(files=files(ONE), to=0, expects=3)
    assert not following(first(), SetRolledBack(data=old, **ENVELOPE), 4).has_offer("more")
    with pytest.raises(NotInForce):
        following(first(), SetRolledBack(data=old.model_copy(update={"expects": 2}), **ENVELOPE), 4)


def test_a_set_that_can_not_be_read_is_refused() -> None:
    with pytest.raises(SetRefused):
        following(first(), published(("playbook: x",)), 4)


def test_an_offer_stops_and_goes_on_each_under_a_version_of_its_own() -> None:
    stopped = following(first(), paused("more"), 4)
    assert (stopped.paused, stopped.version) == (frozenset({"more"}), 4)
    assert following(following(stopped, paused("photos_offer"), 5), resumed("more"), 6).paused == {"photos_offer"}


def test_what_is_paused_stays_so_under_a_new_text() -> None:
    stopped = following(first(), paused("more"), 4)
    assert following(stopped, published(ONE), 5).paused == {"more"}


@pytest.mark.parametrize("event", [paused("moer"), resumed("moer")])
def test_an_offer_that_the_set_has_not_can_neither_stop_nor_go_on(event: OfferPaused | OfferResumed) -> None:
    with pytest.raises(NotInForce, match="no offer 'moer', and set 3 is in force"):
        following(first(), event, 4)


CHANGED: Final = (
    PRODUCT.replace("exports: {count: report.exported}", "exports: {sum: quantity, of: report.exported}"),
)


def test_what_is_new_in_a_set_is_published_when_the_set_is_and_what_was_there_stays() -> None:
    """A changed definition is a new meter."""
    before = following(None, published(ONE, at=T0), 3)
    after = following(before, published((*CHANGED, BOTH[1]), at=T0 + 7), 4)
    assert {name: after.since(name) - T0 for name in ("first_report", "storage_full")} == {
        "first_report": 0,
        "storage_full": 7,
    }
    assert [rules.since(rules.product.meters["exports"].key) - T0 for rules in (before, after)] == [0, 7]
    assert after.since(before.product.meters["exports"].key) == T0, "it may come back"


def test_what_comes_back_was_published_when_it_first_was() -> None:
    without = following(following(None, published(BOTH), 3), published(ONE, at=T0 + 5), 4)
    assert following(without, published(BOTH, at=T0 + 9), 5).since("storage_full") == T0
    old = OldSet(files=files(BOTH), to=3)
    assert following(without, SetRolledBack(data=old, **ENVELOPE), 5).since("storage_full") == T0


def test_a_pause_publishes_nothing() -> None:
    assert following(first(), paused("more"), 4).published == first().published


@pytest.mark.parametrize(("backfill", "in_backfill"), [(True, False), (False, True)])
def test_where_history_is_replayed_the_set_counts_as_published_before_the_log_began(
    backfill: bool, in_backfill: bool
) -> None:
    live = following(None, published(ONE), 3)
    replayed = following(live, published(BOTH, backfill=backfill), 4, in_backfill=in_backfill)
    assert set(replayed.published.values()) == {FIRST_US}
