"""What the API says when it does not do what was asked, as exceptions that carry data."""

from collections.abc import Mapping
from typing import Any, Final

URN: Final = "urn:rung:problem:"


class Problem(Exception):
    """A problem document (RFC 9457).

    Attributes:
        status: The HTTP status.
        code: What kind of problem it is, such as ``not-found``.
        document: All that was told.
    """

    def __init__(self, status: int, code: str, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = code
        self.document = document
        super().__init__(f"{status} {code}: {document.get('title', '')}")


class OfferOver(Problem):
    """Responses to offers whose life is over; none of the list was taken.

    Attributes:
        refused: Of each such response its ``id``, its ``offer`` and the ``state`` that this ended in.
    """

    @property
    def refused(self) -> tuple[Mapping[str, str], ...]:
        """Which, and why."""
        return tuple(self.document.get("refused", ()))


class Away(Exception):
    """The API did not answer, or could not do it just now, however often it was tried."""


def problem_of(status: int, document: Mapping[str, Any]) -> Problem:
    """The exception for an answer."""
    code = str(document.get("type", "")).removeprefix(URN)
    kind = OfferOver if code == "offer-over" else Problem
    return kind(status, code, document)
