"""The chat page in a real browser on a really running guide."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.conftest import ROOT
from tests.serving.test_server import url  # noqa: F401  (the running guide)

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have Chromium: .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, url):  # noqa: F811
    page = browser.new_page(viewport={"width": 390, "height": 844})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(url)
    expect(page.get_by_text("computer program")).to_be_visible()
    yield page
    assert errors == []
    page.close()


def ask(page, text):
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Send").click()


def test_a_question_gets_its_answer_with_its_source(page):
    ask(page, "how long does it take?")
    expect(page.get_by_text("several hours").first).to_be_visible()
    expect(page.get_by_text("From: IV Therapy for Sjögren's: What to Expect").first).to_be_visible()
    expect(page.get_by_text("Not yet reviewed by a clinician.").first).to_be_visible()
    if os.environ.get("GUIDE_SCREENSHOTS"):
        page.screenshot(path=str(ROOT / "docs" / "images" / "chat.png"), full_page=True)


def test_a_choice_is_a_button_that_asks(page):
    ask(page, "how long does it take?")
    choice = page.get_by_role("list", name="You could also ask").last.get_by_role("button").first
    title = choice.inner_text()
    choice.click()
    expect(page.locator(".you").last).to_contain_text(title)
    expect(page.locator(".guide")).to_have_count(3)


def test_a_warning_sign_gets_a_card_in_words_with_a_number_to_tap(page):
    ask(page, "my throat is closing and i cant breathe")
    card = page.locator(".triage").last
    expect(card.get_by_role("heading", name="Get help now")).to_be_visible()
    expect(card.get_by_role("link", name="911").first).to_have_attribute("href", "tel:911")
    expect(card.get_by_role("button", name="Yes, it's running")).to_be_visible()
    if os.environ.get("GUIDE_SCREENSHOTS"):
        page.screenshot(path=str(ROOT / "docs" / "images" / "warning-sign.png"), full_page=True)
    card.get_by_role("button", name="I was only asking").click()
    expect(page.locator(".guide").last).to_contain_text("All right")


def test_the_keyboard_is_enough(page):
    page.keyboard.press("Tab")
    page.get_by_label("Your question").focus()
    page.keyboard.type("whats the benadryl for")
    page.keyboard.press("Enter")
    expect(page.get_by_text("antihistamine").first).to_be_visible()
    expect(page.get_by_label("Your question")).to_be_focused()


def test_html_is_shown_as_text(page):
    ask(page, "<img src=x onerror=alert(1)>")
    expect(page.locator(".you").last).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("#log img")).to_have_count(0)


def test_the_log_is_announced(page):
    expect(page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")


def test_nothing_scrolls_sideways_at_320_pixels(page):
    page.set_viewport_size({"width": 320, "height": 640})
    ask(page, "what are the serious risks?")
    expect(page.locator(".guide")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_server_that_is_away_is_said_in_words_and_the_question_is_kept(browser, url):  # noqa: F811
    page = browser.new_page()
    page.goto(url)
    expect(page.get_by_text("computer program")).to_be_visible()
    page.route("**/webhooks/web/message", lambda route: route.abort())
    ask(page, "how long?")
    expect(page.get_by_text("can't be reached right now")).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("how long?")
    page.close()
