"""Parts of an account that are looked at by themselves."""

from typing import NamedTuple


class Part(NamedTuple):
    """Whom of an account a slice of its own is kept for: the user ``name``, or those of whom ``prop`` is ``name``."""

    name: str
    prop: str | None = None


def user_of(part: Part | None) -> str | None:
    """The user that a part is; None when it is none, or (None) the account itself."""
    return part.name if part is not None and part.prop is None else None


def value_of(part: Part | None) -> str | None:
    """The value of a property that a part is; None when it is none."""
    return part.name if part is not None and part.prop is not None else None
