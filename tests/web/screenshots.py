"""Takes the pictures in docs/images: `python -m tests.web.screenshots [name…]`, or `make screenshots`.

A picture is a line in PICTURES: a name, a size, the page's path, and what a person does there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import ROOT, running_guide
from tests.web import kiosk_screen as kiosk
from tests.web.browsing import DESKTOP, PHONE, SMALL_PHONE, Chat, launch
from tests.web.kiosk_screen import KEYBOARD, LANDSCAPE, PORTRAIT

FOLDER = ROOT / "docs" / "images"


@dataclass(frozen=True)
class Picture:
    """What is shown: `scene` plays on the page at `path` before the picture is taken."""

    name: str
    size: tuple[int, int]
    scene: Callable[[Page], None]
    path: str = "/"
    dark: bool = False


def closed(page: Page) -> None:
    Chat(page).launcher.wait_for()


def opened(page: Page) -> None:
    Chat(page).open().button("Your visit, step by step").wait_for()


def answered(page: Page) -> None:
    Chat(page).open().ask("how long does it take?").hears("several hours")


def warned(page: Page) -> None:
    Chat(page).open().ask("my throat is closing and i cant breathe").hears("Get help now")


def unreachable(page: Page) -> None:
    chat = Chat(page).open()
    page.route("**/webhooks/web/message", lambda route: route.abort())
    chat.ask("how long does it take?").hears("can't answer right now")


def stepped(page: Page) -> None:
    Chat(page).open().sees_step_by_step()


KIOSK = "/kiosk/"
PICTURES = [
    Picture("widget-closed", DESKTOP, closed),
    Picture("widget-open", PHONE, opened),
    Picture("widget-answer", PHONE, answered),
    Picture("widget-answer-desktop", DESKTOP, answered),
    Picture("widget-answer-dark", PHONE, answered, dark=True),
    Picture("widget-warning", PHONE, warned),
    Picture("widget-error", PHONE, unreachable),
    Picture("widget-small", SMALL_PHONE, answered),
    Picture("widget-steps", PHONE, stepped),
    Picture("kiosk-start", PORTRAIT, kiosk.start, KIOSK),
    Picture("kiosk-visit", PORTRAIT, kiosk.visit, KIOSK),
    Picture("kiosk-visit-landscape", LANDSCAPE, kiosk.visit_of_rituximab, KIOSK),
    Picture("kiosk-answer", LANDSCAPE, kiosk.answer, KIOSK),
    Picture("kiosk-unwell", LANDSCAPE, kiosk.unwell, KIOSK),
    Picture("kiosk-warning", LANDSCAPE, kiosk.warned, KEYBOARD),
    Picture("kiosk-large", LANDSCAPE, kiosk.large_in_high_contrast, KIOSK),
    Picture("kiosk-take-home", LANDSCAPE, kiosk.take_home, KIOSK),
]


def take(picture: Picture, browser: Browser, url: str, folder: Path) -> Path:
    """Write a picture of the guide at `url` into `folder`."""
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    page.goto(url + picture.path)
    picture.scene(page)
    target = folder / f"{picture.name}.png"
    page.screenshot(path=str(target))
    page.close()
    return target


def main(names: list[str]) -> None:
    """Take the named pictures, or all, from a guide of their own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, running_guide(Path(work)) as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for picture in PICTURES:
            if not names or picture.name in names:
                print(take(picture, browser, url, FOLDER).relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
