"""Stage 1, second part: what would the offer put before the account?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.deciding import prices
from oracle.deciding.candidate import Item, Withheld
from oracle.deciding.options import option
from oracle.deciding.sales import choices, sale

if TYPE_CHECKING:
    from typing import Any

    from oracle.deciding.candidate import Candidate
    from oracle.detecting.scene import Scene

NO_SALE = {"highlight": "feature", "nurture": "topic", "task": "task"}


def eligible(candidate: Candidate, scene: Scene) -> Withheld | None:
    """Fill in what the offer would be about, or say why it would be about nothing."""
    found = _proposed(candidate, scene)
    if isinstance(found, Withheld):
        candidate.target = found.target
        return found
    main, shown = found
    now = prices.whole(scene.account, scene.rules.product)
    candidate.main, candidate.items, candidate.target = main, shown, main.id
    candidate.present = None if now is None else prices.told(now)
    candidate.increase = None if main.increase is None else prices.told(main.increase)
    candidate.strength = main.strength
    candidate.sort = main.sort if {item.sort for item in shown} == {main.sort} else None
    return None


def _proposed(candidate: Candidate, scene: Scene) -> tuple[Item, list[Item]] | Withheld:
    does = candidate.offer.does
    if does.verb == "choose_from":
        return choices(does, candidate, scene)
    if does.verb in NO_SALE:
        item: Item | Withheld = Item(id=does.what, kind=NO_SALE[does.verb])
    else:
        item = sale(does, candidate, scene)
    return item if isinstance(item, Withheld) else (item, [item])


def options(candidate: Candidate, scene: Scene) -> list[dict[str, Any]]:
    """All that can be chosen; one at most is marked, and none is ever preselected."""
    mark = candidate.offer.does.mark if len(candidate.items) > 1 else None
    main = candidate.main
    return [option(item, scene, recommended=item is main and item.id == mark) for item in candidate.items]
