"""What the engine says of many accounts, round by round, and what a page must show at each place of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.offers import Content, OfferChanged, OfferMade
from services.offer_api.domain.row import offer_id_of
from tests.offer_api.makers import an_offer, changed, made, revoked

if TYPE_CHECKING:
    from schemas.offers import Offer
    from services.offer_api.domain.row import OfferWord
    from tests.offer_api.faults.page import Page
    from tests.offer_api.running import Ground


SOME: Final = 5
"""Faults that are told; one may have hundreds of consequences."""


class LastWord(NamedTuple):
    """Where an offer changed last, and its title then; None when it was taken back."""

    offset: int
    title: str | None


@dataclass
class Story:
    """Each round every account is made an offer, that of the round before is changed, and the one before is revoked."""

    accounts: Sequence[str]
    rounds: int = 0
    last: dict[str, dict[str, LastWord]] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)

    async def go_on(self, ground: Ground) -> None:
        """Say one round."""
        words = [word for account in self.accounts for word in self._news(account)]
        self.rounds += 1
        for word, offset in zip(words, await ground.say(*words), strict=True):
            title = word.data.offer.content.title if isinstance(word, OfferMade | OfferChanged) else None
            self.last.setdefault(word.subject, {})[offer_id_of(word)] = LastWord(offset, title)
            self.ends[word.subject] = offset

    def _news(self, account: str) -> list[OfferWord]:
        number = self.rounds
        words: list[OfferWord] = [made(account, _offer(account, number, "made"))]
        if number >= 1:
            words.append(changed(account, _offer(account, number - 1, "changed"), 2))
        if number >= 2:
            words.append(revoked(3, f"{account}/{number - 2}", account))
        return words

    def is_known_to(self, page: Page) -> bool:
        """Whether ``page`` has heard all."""
        return page.reached >= self.ends[page.account]

    def gaps(self, page: Page) -> list[str]:
        """Where ``page`` had been told of a change, and did not show what offers that changed last before it became."""
        return [
            f"{offer} at {moment.offset}: {moment.shows.get(offer)!r}, not {last.title!r}"
            for moment in page.moments
            for offer, last in self.last[page.account].items()
            if last.offset <= moment.offset and moment.shows.get(offer) != last.title
        ]


def assert_nothing_wrong(story: Story, pages: Sequence[Page]) -> None:
    """At no place of the log has a page missed anything, heard anything twice, or heard of another's offer."""
    gaps = [gap for page in pages for gap in story.gaps(page)]
    twice = [event for page in pages for event in page.twice]
    assert_nothing_foreign(pages)
    assert not twice, twice[:SOME]
    assert not gaps, gaps[:SOME]


def assert_nothing_foreign(pages: Sequence[Page]) -> None:
    """No page has heard of another's offer so far."""
    foreign = [offer for page in pages for offer in page.foreign]
    assert not foreign, foreign[:SOME]


def _offer(account: str, number: int, what: str) -> Offer:
    return an_offer(f"{account}/{number}", content=Content(title=f"{account}, {number}, {what}"))
