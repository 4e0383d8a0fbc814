"""A condition that can not be: where, and what to do."""


class BadCondition(Exception):
    """What is wrong with the text of a condition.

    Attributes:
        rule: Stable, to be searched for.
        message: What is wrong, and what to do.
        at: Where in the text, from 0.
        width: How much of the text it is about.
        word: The word that may have been misspelt, for a name that is not there.
        known: What could stand there instead of it.
    """

    def __init__(
        self,
        rule: str,
        message: str,
        at: int,
        width: int = 1,
        *,
        word: str = "",
        known: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.at = at
        self.width = width
        self.word = word
        self.known = known
