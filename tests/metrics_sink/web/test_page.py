"""The page as markup, and as Chromium shows it: light and dark, wide and narrow."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from typing_extensions import override

from schemas.decisions import Reason
from services.metrics_sink.domain.effect import Because, Figure
from services.metrics_sink.domain.statistics.retention import Retention
from services.metrics_sink.web.page import page
from services.metrics_sink.web.words import BECAUSE, FIGURES, REASONS, SPREAD
from tests.demo.browsers import MISSING, chromium
from tests.metrics_sink.web.reports import NOTHING, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Literal

    from playwright.sync_api import Browser

    from services.metrics_sink.domain.report import Report

REPORTS = [pytest.param(some(), id="some offers"), pytest.param(NOTHING, id="nothing yet")]


class Read(HTMLParser):
    """What a page has for those who do not see it, and what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pictures: list[str | None] = []
        self.figures = self.tables = 0
        self.fetched: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "svg":
            self.pictures.append(said.get("aria-label") if said.get("role") == "img" else None)
        self.figures += tag == "figure"
        self.tables += tag == "table"
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        # a container's root may not make sandboxes; the only page that it is shown is our own
        started = playwright.chromium.launch(
            executable_path=program.path, env=program.environment, args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.mark.parametrize("report", REPORTS)
def test_the_page_stands_alone(report: Report) -> None:
    text = page(report)
    assert Read(text).fetched == []
    assert "url(" not in text
    assert "<script" not in text


def test_every_picture_says_what_it_shows_and_has_its_numbers_in_a_table() -> None:
    report = some()
    read = Read(page(report))
    assert len(read.pictures) == read.figures == len(Figure) + len(report.offers) + 4
    assert all(said and re.search(r"\d", said) for said in read.pictures)
    # one for each figure, the funnels together, months, reasons, segments, products; advice, customers, who waits
    assert read.tables == len(Figure) + 8


def test_what_is_told_of_an_offer_is_in_the_page() -> None:
    text = page(some())
    for said in (
        "■ stop",
        "▲ keep",
        "● watch",
        "not known yet",
        "split broken",
        "+4.2 points",
        "119.7 %",
        "18,422 (26 %)",
        "31.42 USD",
        "18.3 %",
        "6.0 times",
        "1,000.00 USD",
        "all of storage",
    ):
        assert said in text


def test_names_are_text_and_never_markup() -> None:
    text = page(some())
    assert "suite &lt;b&gt;&amp;&lt;/b&gt; all" in text
    assert "<b>&</b>" not in text


def test_what_is_not_known_yet_is_said_and_not_drawn() -> None:
    report = some()
    unknown = replace(report, offers=report.offers[-1:], playbooks=(), months=report.months[:0])
    read = Read(page(unknown))
    assert page(unknown).count("Not known yet of any offer.") == len(Figure)
    assert len(read.pictures) == 4  # why nothing was offered, the funnel, who takes offers, and who stays


def test_what_was_paid_once_in_a_month_stands_beside_what_recurs() -> None:
    report = some()
    text = page(report)
    assert "<th scope=col>paid once</th>" in text
    assert re.search(
        r"<td>2026-11 so far</td>.*<td>1,100\.00</td></tr><tr><td>2026-10</td>.*<td>1,000\.00</td></tr>", text
    )
    assert text.count(SPREAD) == 1


def test_months_in_which_all_was_paid_once_are_told_though_nothing_recurs() -> None:
    report = some()
    once = replace(report.months[0], retention=Retention(*[Decimal(0)] * 4))
    assert "<td>600.00</td>" in page(replace(report, months=(once,)))
    assert "2026-06" not in page(replace(report, months=(replace(once, once=Decimal(0)),)))


def test_a_month_that_is_not_over_is_not_the_headline() -> None:
    report = some()
    assert "October 2026: above 100 %" in page(report)
    assert "no month is over yet" in page(replace(report, months=report.months[-1:]))


def test_there_are_words_for_everything() -> None:
    assert set(BECAUSE) == set(Because)
    assert set(FIGURES) == set(Figure)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_it_fits_and_can_be_read(
    browser: Browser, tmp_path: Path, report: Report, scheme: Literal["light", "dark"], width: int
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(report), "utf-8")
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        shown = context.new_page()
        requests: list[str] = []
        shown.on("request", lambda request: requests.append(request.url))
        shown.goto(file.as_uri())
        assert requests == [file.as_uri()]
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        assert shown.evaluate(LETTERS) > 100
        assert shown.evaluate(OUTSIDE) == []
        assert shown.evaluate(OVERLAPPING) == []
        assert shown.evaluate(FAINT) == []


LETTERS = """
(() => {
  const title = document.createRange()
  title.selectNodeContents(document.querySelector('h1'))
  return title.getBoundingClientRect().width
})()
"""
"""How wide the title is. Without fonts no letter has a width, and nothing that is told of them below means anything."""

OUTSIDE = """
[...document.querySelectorAll('svg')].flatMap(svg => {
  const box = svg.getBoundingClientRect()
  return [...svg.querySelectorAll('text,rect,circle,line,path')].filter(one => {
    const inner = one.getBoundingClientRect()
    return inner.left < box.left - 1 || inner.right > box.right + 1 || inner.bottom > box.bottom + 1
  }).map(one => one.outerHTML)
})
"""
OVERLAPPING = """
[...document.querySelectorAll('svg')].flatMap(svg => {
  const words = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()])
  return words.flatMap(([a, one], i) => words.slice(i + 1).filter(([, other]) =>
    one.left < other.right && other.left < one.right && one.top + 2 < other.bottom && other.top + 2 < one.bottom
  ).map(([b]) => a + ' / ' + b))
})
"""
FAINT = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
  const light = colour => {
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = one => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor
      if (!colour.endsWith(', 0)')) return colour
    }
  }
  return [...document.querySelectorAll('h1,h2,h3,p,b,td,th,summary,span,footer,svg text')].filter(one => {
    const style = getComputedStyle(one)
    const [a, b] = [light(one.closest('svg') ? style.fill : style.color), light(behind(one))].sort((x, y) => y - x)
    return (a + 0.05) / (b + 0.05) < 4.5
  }).map(one => one.outerHTML)
})()
"""
"""Words whose contrast is below 4.5 to 1 (WCAG 2.2, AA)."""


def test_who_is_ready_and_saw_nothing_is_named_with_how_far_it_is_and_what_kept_it() -> None:
    shown = page(some())
    assert "4 accounts, 2 of them far beyond" in shown
    assert "<b>acme &lt;inc&gt;</b></td><td>12 days</td><td>exports 14, asked 1: 14.0 times</td><td>had enough" in shown
    assert "<b>globex</b></td><td>71 days</td><td></td><td>waits for support" in shown
    assert "never saw an offer" not in page(NOTHING)


def test_every_reason_is_told_in_words_that_fit_a_label_and_differ() -> None:
    assert set(REASONS) == set(Reason)
    assert len(set(REASONS.values())) == len(Reason)
    assert [told for told in REASONS.values() if len(told) > 32] == []
