"""What the page is made of: tiles, cards, pictures with their tables."""

from collections.abc import Iterable, Sequence
from html import escape


def tile(name: str, value: str, more: str) -> str:
    """One figure with its name, and what is said beside it."""
    return f"<div class=tile><span class=quiet>{escape(name)}</span><b>{escape(value)}</b>{escape(more)}</div>"


def card(title: str, says: str, body: str, *, wide: bool = False) -> str:
    """A heading, a sentence, and ``body``, which is markup; ``wide``: over the whole page."""
    look = "card wide" if wide else "card"
    return f'<section class="{look}"><h2>{escape(title)}</h2><p class=quiet>{escape(says)}</p>{body}</section>'


def pictured(picture: str, table: str, more: str = "") -> str:
    """A picture, ``more`` below it, and the same as a table for whoever does not see it. All is markup."""
    figure = f"<figure>{picture}</figure>" if picture else ""
    return f"{figure}{more}<details><summary>As a table</summary><div class=scroll>{table}</div></details>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, stacks: bool = False) -> str:
    """A table whose cells are markup already; ``stacks``: on a narrow page its cells stand below each other."""
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    look = " class=stacks" if stacks else ""
    return f"<table{look}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
