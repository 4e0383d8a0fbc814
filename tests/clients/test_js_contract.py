"""The client of browsers knows what the offer API tells: every field, under its name, required or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from schemas.responses import ResponseKind
from services.offer_api.domain.state import State
from services.offer_api.web import models
from services.offer_api.web.models import ResponseIn
from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from enum import StrEnum

    from pydantic import BaseModel

SOURCE: Final = (ROOT / "clients" / "js" / "src" / "offer.ts").read_text()
TOLD: Final[dict[str, type[BaseModel]]] = {
    "Content": models.ContentOut,
    "Price": models.PriceOut,
    "Saving": models.SavingOut,
    "Gain": models.GainOut,
    "Option": models.OptionOut,
    "Evidence": models.EvidenceOut,
    "AfterNo": models.AfterNoOut,
    "Offer": models.OfferOut,
}
NOT_SENT: Final = {"user"}
"""Of a response: the token says it."""


def _fields(interface: str) -> dict[str, bool]:
    """Each field, and whether it may be missing."""
    found = re.search(rf"^export interface {interface} \{{\n(.*?)^\}}", SOURCE, flags=re.MULTILINE | re.DOTALL)
    assert found is not None, interface
    return {name: mark == "?" for name, mark in re.findall(r"^  (\w+)(\??):", found[1], flags=re.MULTILINE)}


def _of(model: type[BaseModel]) -> dict[str, bool]:
    return {name: not field.is_required() for name, field in model.model_fields.items()}


@pytest.mark.parametrize("interface", sorted(TOLD))
def test_what_is_told_is_known(interface: str) -> None:
    assert _fields(interface) == _of(TOLD[interface])


def test_what_is_sent_is_taken() -> None:
    sent = _fields("Response")
    assert set(sent) == set(_of(ResponseIn)) - NOT_SENT
    assert {name for name, optional in _of(ResponseIn).items() if not optional} <= set(sent)


@pytest.mark.parametrize(("name", "words"), [("State", State), ("ResponseKind", ResponseKind)])
def test_the_words_are_the_same(name: str, words: type[StrEnum]) -> None:
    found = re.search(rf"^export type {name} = (.*);$", SOURCE, flags=re.MULTILINE)
    assert found is not None
    assert [word.strip('" ') for word in found[1].split("|")] == [word.value for word in words]
