"""Parts of an account that are looked at by themselves."""

from typing import NamedTuple


class Part(NamedTuple):
    """Whom of an account a slice of its own is kept for: the user ``name``, or those of whom ``prop`` is ``name``."""

    name: str
    prop: str | None = None
