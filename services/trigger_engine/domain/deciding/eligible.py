"""Stage 1: does the offer make sense for this account at all? And if so, what would it put before it?"""

from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.choosing import choices
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.deciding.options import option
from services.trigger_engine.domain.deciding.sales import sale
from services.trigger_engine.domain.playbook.money import told
from services.trigger_engine.domain.playbook.verbs import ChooseFrom, Highlight, Nurture, TaskFor
from services.trigger_engine.domain.pricing import paid
from services.trigger_engine.domain.situation import Situation


def eligible(candidate: Candidate, situation: Situation) -> Withheld | None:
    """Fill in what the offer would be about, or say why it would be about nothing."""
    found = _proposed(candidate, situation)
    if isinstance(found, Withheld):
        candidate.target = found.target
        return found
    main, shown = found
    _fill(candidate, main, shown, situation)
    return None


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


def _fill(candidate: Candidate, main: Item, shown: list[Item], situation: Situation) -> None:
    does = candidate.offer.does
    marked = does.mark if isinstance(does, ChooseFrom) and len(shown) > 1 else None
    candidate.target = main.id
    candidate.show = lambda: tuple(
        option(item, situation, recommended=item is main and item.id == marked) for item in shown
    )
    candidate.present = paid(situation).told
    candidate.increase = None if main.increase is None else told(main.increase)
    candidate.strength = main.strength
    candidate.sort = main.sort if all(item.sort is main.sort for item in shown) else None
