"""Stage 3: what a no closed, and the caps."""

from decimal import Decimal

import pytest

from schemas.facts import PeriodStarted
from schemas.offers import OfferChanged, OfferMade
from services.trigger_engine.domain.account import Closed, Made
from services.trigger_engine.domain.deciding.caps import forget_counted
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.product import MAX_COUNTED
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, FULL, MORE, T0, Bench, D, H, decision, offer, reason, rules

MILESTONES = [f"m{n}: {{milestone: exports, reaches: {n}}}" for n in range(1, 7)]


def offers(*written: str) -> list[str]:
    """One offer a milestone; each in a place of its own unless it says so."""
    return [f"o{n}: {{on: [m{n}], {told}}}" for n, told in enumerate(written, start=1)]


def reasons(guardrails: str, *written: str, apart: int = 0) -> list[str | None]:
    """Why each of these offers, one after the other, was not made."""
    bench = Bench(rules(MILESTONES[: len(written)], offers(*written), guardrails))
    found = []
    for _ in written:
        found.append(reason(bench.use("report.exported")))
        for known in bench.account(ACME).offers:  # taken, so that their places are free, and counted all the same
            known.over = known.over or "accepted"
        bench.now += apart
    return found


ROOM = "add: room"
BANNER, MODAL, BOTH = (f"add: room, placements: [{places}]" for places in ("banner", "modal", "banner, modal"))


@pytest.mark.parametrize(
    ("cap", "written", "apart", "why"),
    [
        pytest.param("at_most: 2, per: 1d", [ROOM] * 3, 0, [None, None, "capped"], id="of the account"),
        pytest.param("at_most: 0, per: 1d", [ROOM], 0, ["capped"], id="none at all"),
        pytest.param("at_most: 1, per: 4h", [ROOM] * 3, 2 * H, [None, "capped", None], id="until it is long ago"),
        pytest.param("at_most: 1, per: 1d, each: offer", [ROOM] * 2, 0, [None, None], id="each offer"),
        pytest.param(
            "at_most: 1, per: 1d, each: family",
            ["add: room, family: a", "add: room, family: b", "add: room, family: a"],
            0,
            [None, None, "capped"],
            id="each family",
        ),
        pytest.param(
            "at_most: 1, per: 1d, each: placement", [BANNER, MODAL, BANNER], 0, [None, None, "capped"], id="each place"
        ),
        pytest.param(
            "at_most: 1, per: 1d, each: placement", [BOTH, MODAL], 0, [None, "capped"], id="each place of several"
        ),
        pytest.param(
            "at_most: 2, per: 1d, each: placement",
            [BANNER, MODAL, BOTH, BOTH],
            0,
            [None, None, None, "capped"],
            id="the fullest place decides",
        ),
    ],
)
def test_no_more_is_offered_than_the_caps_allow(
    cap: str, written: list[str], apart: int, why: list[str | None]
) -> None:
    """S58, in part: caps of the account, of offers, of families, of placements."""
    assert reasons(f"{{caps: [{{{cap}}}]}}", *written, apart=apart) == why


def test_one_offer_is_capped_by_itself() -> None:
    moments = [*MILESTONES[:2]]
    bench = Bench(rules(moments, ["o: {on: [m1, m2], add: room}"], "{caps: [{at_most: 1, per: 1d, each: offer}]}"))
    bench.respond(offer(bench.use("report.exported")).offer_id, "accepted")
    assert reason(bench.use("report.exported")) == "capped"


def test_all_caps_that_apply_must_hold_and_the_first_that_does_not_is_told() -> None:
    caps = "{caps: [{at_most: 5, per: 1d}, {at_most: 1, per: 30d, each: family}]}"
    bench = Bench(rules(MILESTONES[:2], offers("add: room, family: f", "add: photos, family: f"), caps))
    bench.use("report.exported")
    assert decision(bench.use("report.exported")).candidates[0].detail == "1 of 1 for each family"


def test_a_higher_step_of_an_open_offer_is_not_counted_twice() -> None:
    bench = Bench(rules([FULL], [MORE], "{caps: [{at_most: 1, per: 30d}]}"))
    first = bench.store(8)
    second = bench.store(1)
    assert [type(event) for event in (first[1], second[1])] == [OfferMade, OfferChanged]
    assert offer(first).offer_id == offer(second).offer_id
    assert [made.offer_id for made in bench.account(ACME).made] == [offer(first).offer_id]


# --- what a no closed ---------------------------------------------------------------------------


def said_no(contract: str, *, wait: int) -> str | None:
    """Why the next offer of the family is not made, so long after a no."""
    closing = f"add: photos, family: f, after_a_no: {contract}"
    bench = Bench(rules(MILESTONES[:2], offers(closing, "add: room, family: f")))
    bench.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0 + 5 * D))
    bench.respond(offer(bench.use("report.exported")).offer_id, "dismissed")
    bench.now += wait
    return reason(bench.use("report.exported"))


@pytest.mark.parametrize(
    ("contract", "wait", "why"),
    [
        ("30d", 30 * D - 1, "dismissed"),
        ("30d", 30 * D, None),
        ("never", 9999 * D, "dismissed"),
        ("next_period", 5 * D - 1, "dismissed"),
        ("next_period", 5 * D, None),
    ],
)
def test_a_no_keeps_the_family_away_as_long_as_it_said(contract: str, wait: int, why: str | None) -> None:
    """S59: a dismissal persists."""
    assert said_no(contract, wait=wait) == why


def test_a_no_to_a_step_is_asked_again_at_a_higher_one() -> None:
    more = "more: {on: [storage_full], upgrade_to: next on personal, after_a_no: wait for higher step}"
    bench = Bench(rules([FULL, MILESTONES[0]], [more, "o: {on: [m1], add: room, family: more}"]))
    bench.respond(offer(bench.store(8)).offer_id, "dismissed")
    assert reason(bench.use("report.exported")) == "dismissed"
    assert offer(bench.store(1)).evidence[0].step == Decimal("0.9")


def test_another_family_is_still_heard() -> None:
    bench = Bench(rules(MILESTONES[:2], offers("add: photos, after_a_no: never", "add: room")))
    bench.respond(offer(bench.use("report.exported")).offer_id, "dismissed")
    assert reason(bench.use("report.exported")) is None


def test_a_family_that_was_closed_meanwhile_stays_closed_for_a_higher_step() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.store(8)
    bench.account(ACME).closed["more"] = Closed(T0)
    assert reason(bench.store(1)) == "dismissed"


# --- memory -------------------------------------------------------------------------------------


def test_what_no_cap_counts_any_more_is_forgotten() -> None:
    bench = Bench(rules([FULL], [MORE], "{caps: [{at_most: 1, per: 1d}, {at_most: 9, per: 7d}]}"))
    account = bench.account(ACME)
    account.made = [Made(T0 - age, str(age), "o", "f", ("banner",)) for age in (7 * D, 7 * D - 1, 0)]
    forget_counted(Situation(ACME, account, bench.core.rules, T0, parts=bench))
    assert [made.offer_id for made in account.made] == [str(7 * D - 1), "0"]


def test_what_was_made_is_bounded() -> None:
    bench = Bench(rules([FULL], [MORE], "{caps: [{at_most: 1, per: 1d}]}"))
    account = bench.account(ACME)
    account.made = [Made(T0, str(n), "o", "f", ("banner",)) for n in range(MAX_COUNTED + 5)]
    forget_counted(Situation(ACME, account, bench.core.rules, T0, parts=bench))
    assert [made.offer_id for made in account.made[:1]] == ["5"]
    assert len(account.made) == MAX_COUNTED


def test_without_caps_nothing_is_remembered_of_what_was_made() -> None:
    bench = Bench(rules(MILESTONES[:2], offers(BANNER, MODAL)))
    bench.use("report.exported", quantity=1)
    bench.use("report.exported", quantity=1)
    assert len(bench.account(ACME).made) == 1
