"""A playbook of one offer over the whole product, and which rules it breaks."""

from typing import Final

from tests.trigger_engine.domain.building import playbook
from tests.trigger_engine.domain.playbook.whole_playbook import checked
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

REPORTED: Final = "reported: {milestone: exports, reaches: 1}"
FULLY: Final = "full: {limit: storage_gb}"


def product_with(*changes: tuple[str, str]) -> str:
    """The whole product with some things said otherwise."""
    product = WHOLE
    for written, other in changes:
        assert written in product
        product = product.replace(written, other, 1)
    return product


def rules(offer: str, moment: str = REPORTED, product: str = WHOLE, segments: str = "") -> list[str]:
    """The rules that a playbook with one offer breaks."""
    text = playbook([moment], [offer]) + (f"\nsegments:\n  {segments}" if segments else "")
    return [problem.rule for problem in sorted(checked(text, product).found)]
