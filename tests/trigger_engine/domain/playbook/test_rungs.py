"""From which plan an upgrade can lead to which."""

import pytest

from services.trigger_engine.domain.playbook.rungs import Move, moves_of
from services.trigger_engine.domain.playbook.verbs import Add, Does, UpgradeTo, UpgradeToFitting, UpgradeToUnlock
from tests.trigger_engine.domain.playbook.whole_playbook import product_of
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

PRODUCT = product_of(WHOLE)


@pytest.mark.parametrize(
    ("does", "moves"),
    [
        pytest.param(UpgradeTo(ladder="personal"), ["free plus"], id="the next on a ladder"),
        pytest.param(UpgradeTo(ladder="work"), ["free team", "team enterprise"], id="each next on a longer one"),
        pytest.param(UpgradeTo(), ["free plus", "free team", "team enterprise"], id="the next on any"),
        pytest.param(UpgradeTo(plan="team"), ["free team"], id="a plan, from the one below"),
        pytest.param(UpgradeTo(plan="free"), [], id="the lowest plan, from nowhere"),
        pytest.param(
            UpgradeToFitting(),
            ["free plus", "free team", "free enterprise", "team enterprise"],
            id="any above that fits",
        ),
        pytest.param(UpgradeToUnlock("history"), ["free plus"], id="any above that has a feature"),
        pytest.param(UpgradeToUnlock("support"), ["free enterprise", "team enterprise"], id="a feature of one term"),
    ],
)
def test_where_an_upgrade_leads(does: Does, moves: list[str]) -> None:
    assert moves_of(does, PRODUCT) == tuple(Move(*move.split()) for move in moves)


def test_what_an_account_has_is_not_unlocked_again() -> None:
    product = product_of(WHOLE.replace("per: seat,", "per: seat, features: [docs],"))
    assert moves_of(UpgradeToUnlock("docs"), product) == (Move("free", "team"), Move("free", "enterprise"))


@pytest.mark.parametrize("does", [UpgradeTo(ladder="adoption"), Add("photos")])
def test_what_is_about_products_leads_from_no_plan_to_another(does: Does) -> None:
    assert moves_of(does, PRODUCT) is None
