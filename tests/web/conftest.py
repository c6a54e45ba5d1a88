"""What the browser tests share: one browser, pages that must stay without errors, and a clinic's site."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.web.browsing import DESKTOP, PHONE, Chat, launch
from tests.web.clinic_site import clinic_site
from tests.web.kiosk_screen import LANDSCAPE, Kiosk

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# Not for the whole session: while it is open, Playwright's loop runs in this thread, and asyncio.run elsewhere fails.
@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def clinic(clinic_origin, url):
    """The address of a clinic's website, another origin than the guide's."""
    with clinic_site(clinic_origin, url) as address:
        yield address


class Watched:
    """A page's contexts, closed at the end, with what went wrong and where it went."""

    def __init__(self, browser):
        self.browser, self.contexts, self.errors, self.requests = browser, [], [], []

    def __call__(self, address, size=DESKTOP, **options):
        width, height = size
        touch = {"has_touch": True, "is_mobile": True} if size == PHONE else {}
        context = self.browser.new_context(viewport={"width": width, "height": height}, **{**touch, **options})
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))
        # A refused style, script or sink is an event, not always a console message.
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error(e.violatedDirective, e.blockedURI))"
        )
        page.goto(address)
        return page


@pytest.fixture
def visit(browser):
    """Opens a page; its errors and policy violations fail the test unless it says which it expects."""
    visited = Watched(browser)
    yield visited
    for context in visited.contexts:
        context.close()
    assert visited.errors == []


@pytest.fixture
def chat(visit, url):
    """The widget on the demo page, open."""
    return Chat(visit(url)).open()


@pytest.fixture
def faults():
    """What axe finds wrong with a page, by WCAG 2.2 AA and best practice."""

    def find(page):
        found = Axe().run(page, options={"runOnly": RULES})
        return [f"{fault['id']}: {node['target']}" for fault in found.response["violations"] for node in fault["nodes"]]

    return find


@pytest.fixture
def open_kiosk(browser, url):
    """Opens a kiosk; when the test is over, nothing may have broken the policy, failed, or gone elsewhere."""
    contexts, faults = [], []

    def open_it(size=LANDSCAPE, path="/kiosk/", *, clock=False, script="", clean=True, **options):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", has_touch=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        if clean:
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(url) else faults.append(f"outside: {asked.url}"))
        if clock:
            page.clock.install()
        if script:
            page.add_init_script(script)
        # What the tiles lead to; waiting for a quiet network would cost every test half a second.
        with page.expect_response("**/contents.json") as held:
            page.goto(url + path)
        held.value.finished()
        return Kiosk(page)

    yield open_it
    for context in contexts:
        context.close()
    assert faults == []
