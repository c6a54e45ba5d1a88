"""A browser as a person uses it: sizes of screens, and a chat widget to open, ask and read."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

DESKTOP, PHONE, SMALL_PHONE = (1280, 800), (390, 844), (320, 640)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium; in CI it must be there, elsewhere the tests say that they skip."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have Chromium: .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: chromium)")
    return playwright.chromium.launch(executable_path=chromium, args=FLAGS)


class Chat:
    """The widget on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("infusion-chat")
        self.launcher = page.get_by_role("button", name="Infusion questions?")
        self.dialog = page.get_by_role("dialog", name="Infusion guide")
        self.log = page.get_by_role("log", name="Conversation")
        self.field = page.get_by_label("Your question")
        self.status = self.host.get_by_role("status")

    def open(self) -> Chat:
        """Open it and wait for the greeting."""
        self.launcher.click()
        return self.hears("computer program")

    def ask(self, text: str) -> Chat:
        self.field.fill(text)
        self.button("Send", exact=True).click()
        return self

    def sees_step_by_step(self, title: str = "Your visit, step by step") -> Locator:
        """Opens a timeline; its list."""
        self.button(title).click()
        return self.log.get_by_role("list", name=title)

    def hears(self, words: str) -> Chat:
        """Waits until the last message of the guide's holds `words`."""
        expect(self.last).to_contain_text(words, ignore_case=True)
        return self

    def button(self, name: str, exact: bool = False) -> Locator:
        return self.dialog.get_by_role("button", name=name, exact=exact)

    @property
    def last(self) -> Locator:
        """The last message of the guide's."""
        return self.log.locator(".guide").last
