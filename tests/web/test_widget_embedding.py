"""The widget on a clinic's own site: another origin, the strictest policy, the rudest style, and its weight."""

import gzip
import statistics

import pytest
from playwright.sync_api import expect

from tests.running import ROOT, free_port
from tests.web.browsing import DESKTOP, PHONE, Chat
from tests.web.clinic_site import clinic_site

BUDGET = 8 * 1024
# Click → answer visible, in milliseconds. Measured: 42; a busy CI machine is slower.
MEDIAN_AT_MOST = 400


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_answers_on_another_site_under_a_strict_policy(visit, clinic, faults, size):
    page = visit(clinic, size)
    chat = Chat(page).open().ask("how long does it take?").hears("several hours")
    chat.button("Yes", exact=True).click()
    expect(chat.dialog.get_by_text("glad it helped")).to_be_visible()
    chat.button("Start over").click()
    chat.hears("computer program")
    assert faults(page) == []


def test_it_asks_nobody_but_the_guide(visit, clinic, url):
    chat = Chat(visit(clinic)).open().ask("my throat is closing and i cant breathe").hears("Get help now")
    expect(chat.last).to_be_visible()
    ours = (f"{url}/web/infusion-chat.js", f"{url}/webhooks/web/", f"{url}/contents.json", f"{clinic}/")
    assert [request for request in visit.requests if not request.startswith(ours)] == []
    assert chat.page.context.cookies() == []


def look(chat):
    """What the page's style could change, of each part that matters."""
    return chat.page.evaluate("""() => {
      const root = document.querySelector("infusion-chat").shadowRoot;
      return [...root.querySelectorAll("dialog, h2, p, button, a, textarea, .message")].map((element) => {
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        return [element.className, style.letterSpacing, style.textTransform, style.lineHeight, style.color,
          style.backgroundColor, style.fontSize, style.visibility, style.display, style.pointerEvents,
          Math.round(box.x), Math.round(box.width), Math.round(box.height)] }) }""")


def test_the_pages_style_does_not_leak_in(visit, clinic):
    plain, hostile = (Chat(visit(f"{clinic}{path}")).open() for path in ("/", "/hostile"))
    for shown in (plain, hostile):
        shown.button("Your visit, step by step").wait_for()
    assert look(hostile) == look(plain)
    hostile.ask("how long does it take?").hears("several hours")
    assert hostile.status.bounding_box()["width"] <= 1


def test_its_style_does_not_leak_out(visit, clinic):
    page = visit(clinic)
    style = "getComputedStyle(document.querySelector('h1')).cssText + getComputedStyle(document.body).cssText"
    chat = Chat(page)
    before = page.evaluate(style)
    chat.open().ask("how long does it take?").hears("several hours")
    assert page.evaluate(style) == before


def test_a_page_change_loses_the_conversation_unless_the_clinic_allows_it(visit, clinic):
    page = visit(clinic)
    Chat(page).open().ask("tell me how rituximab works").hears("From:")
    page.goto(f"{clinic}/other")
    chat = Chat(page).open()
    chat.ask("how often is it given?")
    expect(chat.log.locator(".guide")).to_have_count(2)
    assert page.evaluate("sessionStorage.length") == 0


def test_a_page_change_keeps_the_conversation_where_the_clinic_allows_it(visit, clinic):
    page = visit(f"{clinic}/remember")
    Chat(page).launcher.wait_for()
    assert page.evaluate("sessionStorage.length") == 0
    Chat(page).open().ask("tell me how rituximab works").hears("From:")
    page.goto(f"{clinic}/remember/more")
    chat = Chat(page)
    chat.launcher.click()
    chat.hears("go on where we were")
    chat.ask("how often is it given?").hears("rituximab")
    # The token and nothing that was said.
    assert page.evaluate("Object.keys(sessionStorage)") == ["infusion-chat"]
    assert "rituximab" not in page.evaluate("sessionStorage['infusion-chat']")
    chat.button("Start over").click()
    chat.hears("computer program")


def test_a_site_that_is_not_listed_gets_words_and_a_number(visit, url):
    with clinic_site(f"http://127.0.0.1:{free_port()}", url) as unlisted:
        chat = Chat(visit(unlisted))
        chat.launcher.click()
        chat.hears("can't answer right now")
        expect(chat.last.get_by_role("link", name="Call 555-0100")).to_be_visible()
    assert any("CORS" in error for error in visit.errors)
    visit.errors.clear()


def test_it_is_shown_once_though_its_line_stands_twice(visit, clinic):
    page = visit(f"{clinic}/twice")
    page.wait_for_load_state("networkidle")
    expect(page.locator("infusion-chat")).to_have_count(1)
    Chat(page).open()


def test_its_script_may_be_pinned_by_its_digest(visit, clinic):
    Chat(visit(f"{clinic}/pinned")).open().ask("how long does it take?").hears("several hours")


def test_its_words_may_be_replaced_and_the_guides_number_wins(visit, clinic):
    page = visit(clinic)
    page.evaluate("""() => { const old = document.querySelector("infusion-chat");
        const chat = document.createElement("infusion-chat");
        Object.assign(chat.dataset, { ...old.dataset, launcher: "Ask us", phone: "555-9999" });
        old.replaceWith(chat) }""")
    page.get_by_role("button", name="Ask us").click()
    chat = Chat(page).hears("computer program")
    expect(chat.dialog.get_by_role("link", name="Call your care team: 555-0100")).to_be_visible()


def test_all_that_it_loads_weighs_at_most_eight_kilobytes(visit, url):
    Chat(visit(url)).open().ask("how long does it take?").hears("several hours")
    files = {request.split("?")[0] for request in visit.requests if "/web/" in request and "/webhooks/" not in request}
    of_the_page = {f"{url}/web/clinic.css", f"{url}/web/icon.svg"}
    assert files - of_the_page == {f"{url}/web/infusion-chat.js"}
    weight = len(gzip.compress((ROOT / "web" / "infusion-chat.js").read_bytes(), mtime=0))
    print(f"widget: {weight} bytes gzip")
    assert weight <= BUDGET


def test_an_answer_is_visible_soon_after_the_click(visit, url):
    """From the click on Send to the frame after the answer is in the page, over the whole path."""
    chat = Chat(visit(url)).open()
    measure = """() => new Promise((done) => {
      const root = document.querySelector("infusion-chat").shadowRoot, log = root.querySelector("[role=log]");
      const start = performance.now(), count = log.querySelectorAll(".guide").length;
      const seen = new MutationObserver(() => { if (log.querySelectorAll(".guide").length > count) {
        seen.disconnect(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))) } });
      seen.observe(log, {childList: true});
      root.querySelector("button.send").click() })"""
    questions = ["how long does it take?", "whats the benadryl for", "will it help my dry mouth",
                 "how often do i come back", "what are the serious risks?"]  # fmt: skip
    times = []
    for _ in range(3):
        for question in questions:
            chat.field.fill(question)
            times.append(chat.page.evaluate(measure))
        chat.button("Start over").click()
        expect(chat.log.locator(".message")).to_have_count(1)
        chat.hears("computer program")
    print(
        f"click → answer visible: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms of {len(times)}"
    )
    assert statistics.median(times) <= MEDIAN_AT_MOST
