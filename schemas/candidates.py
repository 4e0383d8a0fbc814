"""The candidates of a decision that its maker knows to be much alike: told apart, and written, at little cost each."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from typing_extensions import override

from schemas.decisions import Candidate, Decision
from schemas.envelope import unchecked

OFFER: Final = "offer"


class Candidates(Sequence[Candidate]):
    """As many as there are ``offers``: each as the one beside it in ``like``, but for the offer's name.

    A thousand offers of one moment come to some dozens of ends, and few readers look at each: they are made when
    somebody does. As a part of a `Decision` they stand for the tuple that a reader gets, and are equal to it.
    """

    def __init__(self, offers: Sequence[str], like: Sequence[Candidate]) -> None:
        self._offers = offers
        self._like = like
        self._made: tuple[Candidate, ...] | None = None

    @property
    def made(self) -> tuple[Candidate, ...]:
        """All of them."""
        if self._made is None:
            pairs = zip(self._offers, self._like, strict=True)
            self._made = tuple(unchecked(Candidate, {**vars(like), OFFER: offer}) for offer, like in pairs)
        return self._made

    def written(self, encoder: msgspec.json.Encoder) -> msgspec.Raw:
        """An array of them, in the bytes that ``encoder`` would give for each by itself, without what is None."""
        rests: dict[int, bytes] = {}
        written = []
        for offer, like in zip(self._offers, self._like, strict=True):
            rest = rests.get(id(like))
            if rest is None:
                named = like.model_dump(exclude_none=True, exclude={OFFER})
                rest = rests[id(like)] = encoder.encode(named)[1:]
            written.append(b'{"offer":%b,%b' % (encoder.encode(offer), rest))
        return msgspec.Raw(b"[%b]" % b",".join(written))

    @override
    def __len__(self) -> int:
        return len(self._offers)

    @override
    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.made)

    @override
    def __getitem__(self, place: Any) -> Any:
        return self.made[place]

    @override
    def __eq__(self, other: object) -> bool:
        return self.made == (other.made if isinstance(other, Candidates) else other)

    @override
    def __hash__(self) -> int:
        return hash(self.made)

    @override
    def __repr__(self) -> str:
        return repr(self.made)


def with_candidates(decision: Decision, candidates: Candidates) -> Decision:
    """The decision with these."""
    return decision.model_copy(update={"candidates": candidates})
