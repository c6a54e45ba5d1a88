"""What the browser tests of the kiosk share: a browser, and a kiosk that must stay clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.web.browsing import launch
from tests.web.kiosk_screen import LANDSCAPE, Kiosk


# For a module, not for all: Playwright's event loop runs on meanwhile, and other tests need one of their own.
@pytest.fixture(scope="module")
def kiosk_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_kiosk(kiosk_browser, kiosk_url) -> Iterator[Callable[..., Kiosk]]:
    """Opens a kiosk; when the test is over, nothing may have broken the policy, failed, or gone elsewhere."""
    contexts, faults = [], []

    def open_it(size=LANDSCAPE, path="/kiosk/", *, clock=False, script="", clean=True) -> Kiosk:
        context = kiosk_browser.new_context(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", has_touch=True
        )
        contexts.append(context)
        page = context.new_page()
        if clean:
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda asked: None if asked.url.startswith(kiosk_url) else faults.append(f"outside: {asked.url}")
        )
        if clock:
            page.clock.install()
        if script:
            page.add_init_script(script)
        page.goto(kiosk_url + path)
        page.wait_for_load_state("networkidle")
        return Kiosk(page)

    yield open_it
    for context in contexts:
        context.close()
    assert faults == []
