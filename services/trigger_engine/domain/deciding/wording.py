"""What an offer says, in the operator's words or, where there are none, in ours; with the account's own numbers."""

from datetime import datetime

from schemas.offers import Content
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.deciding.generated import generated, title, told
from services.trigger_engine.domain.deciding.variables import values
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.offers import Words
from services.trigger_engine.domain.playbook.verbs import TaskFor
from services.trigger_engine.domain.playbook.words import filled, variables
from services.trigger_engine.domain.situation import Situation

UNKNOWN = "unknown"
"""What one's own people are told in the place of a number that is not known."""


def content(candidate: Candidate, situation: Situation) -> Content:
    """The words for the variant, or else for the step that fired; others where a number is unknown, never a blank."""
    words = _words(candidate)
    if words is None:
        return generated(candidate)
    known = values({*variables(words.title), *variables(words.body or "")}, candidate, situation)
    said = filled(words.title, known) or words.otherwise or title(candidate.options, candidate.passed)
    return told(said, filled(words.body, known) if words.body is not None else None)


def note(candidate: Candidate, situation: Situation) -> str | None:
    """What the person who gets a task is told."""
    does = candidate.offer.does
    if not isinstance(does, TaskFor) or does.note is None:
        return None
    names = variables(does.note)
    return filled(does.note, dict.fromkeys(names, UNKNOWN) | values(names, candidate, situation))


def due_at(candidate: Candidate, situation: Situation) -> datetime | None:
    """Until when a task is to be done."""
    does = candidate.offer.does
    if not isinstance(does, TaskFor) or does.due_us is None:
        return None
    return to_datetime(situation.now + does.due_us)


def _words(candidate: Candidate) -> Words | None:
    offer, step = candidate.offer, candidate.passed.step
    if candidate.variant is not None and candidate.variant in offer.words_of:
        return offer.words_of[candidate.variant]
    return offer.words_at.get(step, offer.words) if step is not None else offer.words
