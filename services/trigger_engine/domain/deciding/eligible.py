"""Stage 1: does the offer make sense for this account at all? And if so, what would it put before it?"""

from services.trigger_engine.domain.deciding.candidate import About, Candidate, Withheld
from services.trigger_engine.domain.deciding.choosing import choices
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.deciding.options import option
from services.trigger_engine.domain.deciding.sales import sale
from services.trigger_engine.domain.playbook.money import told
from services.trigger_engine.domain.playbook.verbs import ChooseFrom, Highlight, Nurture, TaskFor
from services.trigger_engine.domain.pricing import paid
from services.trigger_engine.domain.situation import Situation


def eligible(candidate: Candidate, situation: Situation) -> About | Withheld:
    """What the offer would be about, or why it would be about nothing."""
    found = _proposed(candidate, situation)
    return found if isinstance(found, Withheld) else _filled(candidate, *found, situation)


def _proposed(candidate: Candidate, situation: Situation) -> tuple[Item, list[Item]] | Withheld:
    """What the offer is about, and all that is shown."""
    match candidate.offer.does:
        case ChooseFrom() as does:
            return choices(does, candidate, situation)
        case Highlight(feature=feature):
            item: Item | Withheld = Item(id=feature, kind=Kind.FEATURE)
        case Nurture(topic=topic):
            item = Item(id=topic, kind=Kind.TOPIC)
        case TaskFor(queue=queue):
            item = Item(id=queue, kind=Kind.TASK)
        case does:
            item = sale(does, candidate, situation)
    return item if isinstance(item, Withheld) else (item, [item])


def _filled(candidate: Candidate, main: Item, shown: list[Item], situation: Situation) -> About:
    does = candidate.offer.does
    marked = does.mark if isinstance(does, ChooseFrom) and len(shown) > 1 else None
    return About(
        target=main.id,
        show=lambda: tuple(option(item, situation, recommended=item is main and item.id == marked) for item in shown),
        present=paid(situation).told,
        increase=None if main.increase is None else told(main.increase),
        strength=main.strength,
        sort=main.sort if all(item.sort is main.sort for item in shown) else None,
    )
