from __future__ import annotations

from schemas.decisions import Reason
from services.trigger_engine.domain.trying.difference import differences
from services.trigger_engine.domain.trying.tally import Accounts, Tally
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, REPORT, Bench, rules

EARLY = "storage_full: {limit: storage_gb, at: [50%]}"
CABLE = "cable_offer: {on: [first_report], add: cable}"


def tally_of(accounts: Accounts, *playbook: str) -> Tally:
    """What these moments and offers make of the same story."""
    bench = Bench(rules(playbook[:2], playbook[2:]))
    bench.store(9)
    bench.store(6, account="beta")
    bench.use("report.exported", account="gamma")
    tally = Tally(accounts)
    for event in bench.told:
        tally.event(event)
    return tally


def test_accounts_on_both_sides_and_on_one_are_told_with_the_reason() -> None:
    accounts = Accounts()
    here, there = tally_of(accounts, EARLY, REPORT, MORE, PHOTOS), tally_of(accounts, FULL, REPORT, MORE, PHOTOS)
    more, photos = differences(here, there)
    assert (more.offer, len(more.both), accounts.names(more.here, 9), len(more.there)) == ("more", 1, ["beta"], 0)
    assert (more.not_there, more.not_here) == ({None: 1}, {})
    assert (photos.offer, len(photos.both), len(photos.here), len(photos.there)) == ("photos_offer", 1, 0, 0)


def test_an_offer_of_one_side_only_was_never_made_on_the_other() -> None:
    accounts = Accounts()
    here, there = tally_of(accounts, FULL, REPORT, MORE, CABLE), tally_of(accounts, FULL, REPORT, MORE, PHOTOS)
    found = {offer.offer: offer for offer in differences(here, there)}
    assert accounts.names(found["photos_offer"].there, 9) == ["gamma"]
    assert accounts.names(found["cable_offer"].here, 9) == ["gamma"]
    assert found["photos_offer"].not_here == found["cable_offer"].not_there == {None: 1}


def test_the_gate_that_failed_on_the_other_side_is_told() -> None:
    accounts = Accounts()
    here, there = Tally(accounts), Tally(accounts)
    bench, paused = Bench(rules([FULL], [MORE])), Bench(rules([FULL], [MORE]).pausing(frozenset({"more"}), 8))
    for event in bench.store(8):
        here.event(event)
    for event in paused.store(8):
        there.event(event)
    (more,) = differences(here, there)
    assert (len(more.here), more.not_there) == (1, {Reason.PAUSED: 1})
