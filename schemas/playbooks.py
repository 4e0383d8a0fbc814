"""The set: the product document and all playbooks, published together. The record's offset is the set's version."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Data, Envelope, Id


class SourceFile(Data):
    """One document as the operator wrote it."""

    path: Id
    text: str


class WholeSet(Data):
    """The whole set; a record whose ``expects`` is not the version before it is refused (two operators at once)."""

    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]
    expects: Annotated[int, Field(ge=0)] | None = None
    by: str | None = None
    why: str | None = None


class SetPublished(Envelope):
    """A set takes effect; ``subject`` is the product."""

    type: Literal["rung.set_published"] = "rung.set_published"
    data: WholeSet


PlaybookEvent = SetPublished
"""Closed."""
