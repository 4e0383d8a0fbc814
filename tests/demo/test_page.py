"""The made-up product's page in a real browser, with everything behind it real: offers come, stay, go, stay away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.demo.browsers import MISSING, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.demo.shows import Show

MOMENT_MS = 15_000
"""For an offer to come, on a machine that is busy with other tests; it takes a fraction of a second otherwise."""

QUIET_MS = 2_000
"""How long it is looked whether something comes that must not: several times what an offer takes."""

TITLE = "You have used 1.8 of 2 GB"

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(400)]


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


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody with a browser of their own, who is an account of their own."""
    context = browser.new_context()
    context.set_default_timeout(MOMENT_MS)
    yield context
    context.close()


@pytest.fixture
def address(show: Show) -> str:
    found = re.search(r"the product is a page, too: (http://\S+)", show.text)
    assert found is not None
    return found[1]


def opened(visitor: BrowserContext, address: str) -> Page:
    """A tab on the product."""
    page = visitor.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    expect(page.locator("#account")).to_contain_text("visitor-", timeout=MOMENT_MS)
    assert faults == []
    return page


def upload(page: Page, films: int) -> None:
    for _ in range(films):
        before = page.locator("#told li").count()
        page.get_by_text("Upload a film").click()
        expect(page.locator("#told li")).to_have_count(before + 1, timeout=MOMENT_MS)


def shows(page: Page, title: str) -> None:
    expect(page.locator("#banner [part=title]")).to_have_text(title, timeout=MOMENT_MS)


def shows_nothing(page: Page) -> None:
    expect(page.locator("#banner [part=title]")).to_have_count(0, timeout=MOMENT_MS)


def test_what_somebody_does_brings_an_offer_a_moment_later_and_it_survives_a_reload(
    visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor, address)
    upload(page, 1)
    shows_nothing(page)
    upload(page, 1)
    shows(page, TITLE)
    assert "2000 GB of files" in (page.locator("#banner [part=offer]").text_content() or "")
    page.reload()
    shows(page, TITLE)


def test_what_is_dismissed_is_gone_in_all_tabs_and_stays_away(visitor: BrowserContext, address: str) -> None:
    page, other = opened(visitor, address), opened(visitor, address)
    upload(page, 2)
    shows(other, TITLE)
    page.locator("#banner [part=dismiss]").click()
    shows_nothing(page)
    shows_nothing(other)
    page.reload()
    expect(page.locator("#account")).to_contain_text("visitor-")
    page.wait_for_timeout(QUIET_MS)
    shows_nothing(page)


def test_an_upgrade_in_another_tab_takes_the_offer_back_at_once(visitor: BrowserContext, address: str) -> None:
    page, other = opened(visitor, address), opened(visitor, address)
    upload(page, 2)
    shows(page, TITLE)
    other.get_by_text("Change to plus").click()
    shows_nothing(page)
    page.reload()
    expect(page.locator("#plan")).to_have_text("plus")
    page.wait_for_timeout(QUIET_MS)
    shows_nothing(page)


def test_to_choose_is_to_buy(visitor: BrowserContext, address: str) -> None:
    page = opened(visitor, address)
    upload(page, 2)
    shows(page, TITLE)
    with page.expect_request(lambda request: "/responses" in request.url and "accepted" in (request.post_data or "")):
        page.locator("#banner [part=choose]").click()
    expect(page.locator("#plan")).to_have_text("plus")
    shows_nothing(page)


def test_who_waits_for_help_is_left_alone(visitor: BrowserContext, browser: Browser, address: str) -> None:
    page = opened(visitor, address)
    page.get_by_text("Open a ticket").click()
    expect(page.get_by_text("Close the ticket")).to_be_visible()
    upload(page, 2)
    neighbour = browser.new_context()
    try:
        other = opened(neighbour, address)
        upload(other, 2)
        shows(other, TITLE)  # so it works just now
    finally:
        neighbour.close()
    page.wait_for_timeout(QUIET_MS)
    shows_nothing(page)


def test_who_shares_a_lot_is_offered_a_team(visitor: BrowserContext, address: str) -> None:
    page = opened(visitor, address)
    for people in range(1, 6):
        page.get_by_text("Share with one more").click()
        expect(page.locator("#shared")).to_have_text(str(people), timeout=MOMENT_MS)
    expect(page.locator("#modal [part=title]")).to_have_text("You shared with 5 people this week", timeout=MOMENT_MS)


def test_two_tabs_have_one_stream(visitor: BrowserContext, address: str) -> None:
    streams: list[str] = []
    visitor.on("request", lambda request: streams.append(request.url) if "/stream" in request.url else None)
    page, other = opened(visitor, address), opened(visitor, address)
    upload(page, 2)
    shows(page, TITLE)
    shows(other, TITLE)
    assert len(streams) == 1
    page.close()
    other.locator("#banner [part=snooze]").click()
    shows_nothing(other)


def test_no_token_is_in_an_address_and_nobody_else_gets_one(
    visitor: BrowserContext, browser: Browser, address: str
) -> None:
    asked: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    page = opened(visitor, address)
    upload(page, 2)
    shows(page, TITLE)
    token = visitor.request.get(f"{address}/token").text()
    assert token.count(".") == 2
    assert [url for url in asked if token in url] == []
    stranger = browser.new_context()
    try:
        assert stranger.request.get(f"{address}/token").status == 403
    finally:
        stranger.close()
