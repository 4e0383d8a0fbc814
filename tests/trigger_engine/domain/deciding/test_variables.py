"""The variables in an offer's words, and other words where one of them is not known."""

from typing import Any

import pytest

from tests.trigger_engine.domain.deciding.selling import SHOP, made

SEATED: dict[str, Any] = {"plan": "team", "seats": 2}
MONTHLY: dict[str, Any] = {"plan": "plus", "term": "month"}


def title(does: str, words: str, owns: list[str] | None = None, **more: Any) -> str:
    """The title of the offer, whose words have a variable; ``-`` when that is not known."""
    return made(f"{does}, content: {{title: '{words}', otherwise: '-'}}", owns or [], **more).content.title


@pytest.mark.parametrize(
    ("does", "plan", "told"),
    [
        pytest.param("bundle: creative", {}, "6 EUR a month (37%)", id="a bundle"),
        pytest.param("term: next", {"plan": "plus", "term": "month"}, "1.99 EUR a month (19%)", id="a longer term"),
        pytest.param("term: next", {"plan": "plus", "term": "month", "price": 8}, "-", id="nothing saved"),
        pytest.param("bundle: nearly", {}, "0.01 EUR a month", id="less than a percent"),
        pytest.param("bundle: once", {}, "5 EUR once (15%)", id="paid once"),
        pytest.param("bundle: alike", {}, "-", id="a bundle that costs as much as what is in it"),
        pytest.param("bundle: gift", {}, "12 EUR a month (100%)", id="a bundle for nothing"),
    ],
)
def test_a_saving_is_told_with_its_share(does: str, plan: dict[str, Any], told: str) -> None:
    """S44, S65: the value is clear and measurable."""
    product = SHOP.replace(
        "bundles:",
        """bundles:
  - {id: nearly, items: [photos, sign], price: {month: 11.99}}
  - {id: alike, items: [photos, sign], price: {month: 12}}
  - {id: gift, items: [photos, sign], price: 0}
  - {id: once, items: [cable, lamp], price: {once: 27}}""",
    ).replace("bundles:", "  - {id: lamp, price: {once: 20}}\nbundles:", 1)
    assert title(does, "{saving}", product=product, **plan) == told


@pytest.mark.parametrize(
    ("does", "words", "plan", "told"),
    [
        pytest.param("seats: 3", "{price}, {target}", SEATED, "18 EUR a seat a month, team", id="seats"),
        pytest.param("bundle: pair", "{target} for {price}", {}, "pair for 9 EUR a month", id="a bundle"),
        pytest.param("term: next", "{target}: {price}", MONTHLY, "year: 96.10 EUR a year", id="a term"),
        pytest.param("upgrade_to: talks", "{price}", {"plan": "enterprise"}, "-", id="a price that is talked about"),
        pytest.param("add: photos", "{limit.exports}", {}, "-", id="a limit that is not there"),
        pytest.param("add: photos", "{limit.storage_gb}", {"plan": "talks"}, "unlimited", id="a limit without end"),
        pytest.param("highlight: history", "{target}", {}, "history", id="a feature"),
        pytest.param("add: photos", "{meters.exports} of {meters.members}", {}, "1 of 0", id="meters"),
    ],
)
def test_a_variable_is_told_in_words(does: str, words: str, plan: dict[str, Any], told: str) -> None:
    assert title(does, words, **plan) == told


def test_without_other_words_the_title_is_ours() -> None:
    """What an engine is given by another way than the checker may lack them; nobody is shown a blank."""
    found = made("add: photos, content: {title: '{meters.exports} exports', body: 'For {price}.', otherwise: Busy}")
    assert (found.content.title, found.content.body) == ("1 exports", "For 4 EUR a month.")


def test_a_note_tells_what_is_not_known_as_unknown() -> None:
    """A person is told so; no task is lost for it."""
    asked = made("task: csm, note: 'Uses {meters.storage_gb} of {limit.exports}'")
    assert asked.note == "Uses 0 of unknown"
    assert made("task: csm").note is None
    assert made("add: photos").note is None


def test_a_task_is_due_when_it_says() -> None:
    assert made("task: csm").due_at is None
    asked = made("task: csm, due: 36h")
    assert asked.due_at is not None
    assert (asked.due_at - asked.made_at).total_seconds() == 36 * 3600
