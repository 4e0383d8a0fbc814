"""The ids of usage that is counted together: noted all at once, so that copies are known before anything is counted."""

from collections.abc import Sequence

from services.trigger_engine.domain.inputs import Usages
from services.trigger_engine.runtime.seen import Hour


class Noted:
    """Usage of one hour, its ids remembered. ``copies``: places of those counted before, or that are here twice."""

    def __init__(self, usages: Usages, hour: Hour) -> None:
        self.usages = usages
        self.copies: set[int] = set()
        self.newest = max(usages.times)
        self._hour = hour
        for source, places in _by_source(usages).items():
            self._add(source, places)

    def _add(self, source: str, places: Sequence[int]) -> None:
        usages = self.usages
        ids = usages.ids if len(places) == len(usages) else [usages.ids[place] for place in places]
        of_source = self._hour.of(source)
        if of_source.add(ids):
            return
        fresh: dict[str, None] = {}
        for place, event_id in zip(places, ids, strict=True):
            if event_id in of_source.known or event_id in fresh:
                self.copies.add(place)
            else:
                fresh[event_id] = None
        of_source.add(list(fresh))

    def take_out(self, place: int) -> None:
        """Have the event at this place be as new as it is: it goes the long way, which asks."""
        if place not in self.copies:
            self._hour.of(self.usages.sources[place]).known.discard(self.usages.ids[place])

    def put_back(self, place: int) -> bool:
        """The event that was taken out has gone the long way; False when it was refused, so that its id stays free."""
        if place in self.copies:
            return True
        ids = self._hour.of(self.usages.sources[place])
        if self.usages.ids[place] in ids.known:
            ids.added.pop()  # it was noted in its turn, before those that come after it
            return True
        ids.added.remove(self.usages.ids[place])
        return False

    def forget(self, first: int) -> None:
        """Forget the ids from place ``first`` on."""
        if first < len(self.usages):
            for source, places in _by_source(self.usages, first).items():
                self._hour.of(source).take_back(sum(place not in self.copies for place in places))


def _by_source(usages: Usages, first: int = 0) -> dict[str, Sequence[int]]:
    """The places of the events from ``first`` on, by who sent them."""
    sources = usages.sources
    if sources.count(sources[0]) == len(sources):
        return {sources[0]: range(first, len(sources))}
    found: dict[str, list[int]] = {}
    for place in range(first, len(sources)):
        found.setdefault(sources[place], []).append(place)
    return dict(found)
