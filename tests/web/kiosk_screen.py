"""The kiosk as a person uses it, and the scenes that its tests and its pictures share."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

PORTRAIT, LANDSCAPE, HANDHELD = (1080, 1920), (1280, 800), (390, 844)
KEYBOARD = "/kiosk/?keyboard=1"
SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE, "phone": HANDHELD}


class Kiosk:
    """The kiosk on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.view = page.locator("#view")
        self.unwell = page.get_by_role("alertdialog", name="Tell a nurse now")
        self.idle = page.get_by_role("alertdialog", name="Are you still there?")
        self.home = page.get_by_role("dialog", name="Take it with you")

    def touch(self, name: str) -> Kiosk:
        self.button(name).click()
        return self

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def reads(self, words: str) -> Kiosk:
        """Waits until the view shows an answer with `words`."""
        expect(self.view.locator(".answer")).to_contain_text(words, ignore_case=True)
        return self

    def at_start(self) -> Kiosk:
        expect(self.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
        expect(self.view).to_be_hidden()
        return self

    def read_something(self) -> Kiosk:
        """An answer, by touch alone."""
        return self.touch("During the infusion").touch("How long does an infusion take?").reads("several hours")

    def ask(self, text: str) -> Kiosk:
        self.page.get_by_label("Your question").fill(text)
        return self.touch("Ask")


def start(page: Page) -> None:
    Kiosk(page).at_start()


def topic(page: Page) -> None:
    Kiosk(page).touch("During the infusion")


def answer(page: Page) -> None:
    Kiosk(page).read_something()


def visit(page: Page) -> None:
    Kiosk(page).touch("Your visit, step by step").page.locator("svg.timeline").wait_for()


def visit_of_rituximab(page: Page) -> None:
    visit(page)
    Kiosk(page).touch("For rituximab")


def benefit(page: Page) -> None:
    Kiosk(page).touch("When it may help, step by step").page.locator("svg.timeline").wait_for()


def visit_as_text(page: Page) -> None:
    visit(page)
    Kiosk(page).touch("Show as text")


def unwell(page: Page) -> None:
    Kiosk(page).touch("I feel unwell").unwell.wait_for()


def warned(page: Page) -> None:
    Kiosk(page).ask("my throat is closing and i cant breathe").reads("Get help now")


def large_in_high_contrast(page: Page) -> None:
    Kiosk(page).touch("Larger text").touch("High contrast").read_something()


def take_home(page: Page) -> None:
    kiosk = Kiosk(page).read_something().touch("Take it with you")
    kiosk.home.locator("svg").wait_for()


def failed(page: Page) -> None:
    page.route("**/webhooks/kiosk/*", lambda route: route.abort())
    Kiosk(page).touch("During the infusion").touch("How long does an infusion take?")
    page.get_by_role("heading", name="No answer right now").wait_for()


def idle(page: Page) -> None:
    """Somebody has walked away; the page's clock must be installed (`page.clock`)."""
    kiosk = Kiosk(page).read_something()
    page.clock.run_for(61_000)
    kiosk.idle.wait_for()
