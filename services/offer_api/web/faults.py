"""What can be wrong with a request, as data."""


class NotYours(Exception):
    """The account or the offer does not exist, or is not the bearer's: nobody can tell which."""


class NotAllowed(Exception):
    """What was given to prove who asks does not allow this, whichever account it is about."""


class ReservedAccount(Exception):
    """The account is one of the probe's and the token was not made for a probe, or the other way round."""


class TooManyStreams(Exception):
    """As many streams are open as may be, of this token or this account."""


class OffersOver(Exception):
    """Responses to offers whose life is over; none of the request was taken.

    Attributes:
        refused: One entry for each such response: its ``id``, its ``offer`` and the ``state`` that this ended in.
    """

    def __init__(self, refused: list[dict[str, str]]) -> None:
        self.refused = refused
        super().__init__(f"{len(refused)} responses to offers that are over")
