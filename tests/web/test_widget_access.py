"""The widget for people who cannot use a mouse, see little, hear it read, or have a small screen (WCAG 2.2 AA)."""

import pytest
from playwright.sync_api import expect

from tests.web.browsing import DESKTOP, PHONE, SMALL_PHONE, Chat

STATES = ["closed", "open", "after an answer", "after a warning", "in error", "after a rating", "step by step"]


def bring(chat, state):
    """Bring the widget of a fresh page into a state."""
    if state == "closed":
        chat.launcher.wait_for()
        return
    chat.open()
    if state == "open":
        chat.button("Your visit, step by step").wait_for()
    if state in ("after an answer", "after a rating"):
        chat.ask("how long does it take?").hears("several hours")
    if state == "after a rating":
        chat.button("Yes", exact=True).click()
        expect(chat.dialog.get_by_text("glad it helped")).to_be_visible()
    if state == "after a warning":
        chat.ask("my throat is closing and i cant breathe").hears("Get help now")
    if state == "step by step":
        expect(chat.sees_step_by_step().get_by_role("listitem")).to_have_count(7)
    if state == "in error":
        chat.page.route("**/webhooks/web/message", lambda route: route.fulfill(status=500, json={}))
        chat.ask("how long does it take?").hears("can't answer")


def expects_failed_requests(visit):
    visit.errors[:] = [error for error in visit.errors if "Failed to load resource" not in error]


def axe_finds_nothing(visit, url, faults, state, size, **options):
    page = visit(url, size, **options)
    bring(Chat(page), state)
    found = faults(page)
    expects_failed_requests(visit)
    assert found == []


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(visit, url, faults, state, size):
    axe_finds_nothing(visit, url, faults, state, size)


@pytest.mark.parametrize("state", ["closed", "after an answer", "after a warning", "in error"])
@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=lambda o: str(*o))
def test_axe_finds_nothing_in_other_colours(visit, url, faults, state, options):
    axe_finds_nothing(visit, url, faults, state, PHONE, **options)


def test_axe_would_find_a_fault(chat, faults):
    chat.page.evaluate("document.querySelector('infusion-chat').shadowRoot.querySelector('label').remove()")
    assert "label" in [fault.split(":")[0] for fault in faults(chat.page)]


def focused(page):
    """What has the focus, as a person hears it: its name or text, inside the shadow root too."""
    return page.evaluate(
        """() => { let at = document.activeElement;
        while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
        if (at === document.body) return "";
        return at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent }"""
    )


def test_everything_can_be_reached_and_used_by_keyboard(visit, url):
    page = visit(url)
    chat = Chat(page)
    for _ in range(3):
        page.keyboard.press("Tab")
    assert focused(page) == "Infusion questions?"
    page.keyboard.press("Enter")
    chat.hears("computer program")
    assert focused(page) == "Your question"
    page.keyboard.type("how long does it take?")
    page.keyboard.press("Enter")
    chat.hears("several hours")
    assert focused(page) == "Your question"
    order = []
    chat.button("Start over").focus()
    while "Send" not in order and len(order) < 20:
        order.append(focused(page))
        page.keyboard.press("Tab")
    assert order[:6] == ["Start over", "Close", "Call your care team: 555-0100", "Conversation", "Yes", "No"]
    assert order[-2:] == ["Your question", "Send"]
    picked = order[6]
    chat.button(picked).focus()
    page.keyboard.press("Space")
    expect(chat.log.locator(".you").last).to_contain_text(picked)
    assert focused(page) == "Conversation"
    page.keyboard.press("Escape")
    expect(chat.dialog).to_have_count(0)
    assert focused(page) == "Infusion questions?"


def test_shift_and_enter_makes_a_new_line(chat):
    chat.field.press_sequentially("how long")
    chat.field.press("Shift+Enter")
    chat.field.press_sequentially("does it take?")
    expect(chat.field).to_have_value("how long\ndoes it take?")
    chat.field.press("Enter")
    chat.hears("several hours")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_closing_returns_to_where_it_was_opened_and_keeps_the_conversation(visit, url, size):
    chat = Chat(visit(url, size)).open().ask("how long does it take?").hears("several hours")
    chat.button("Close").click()
    expect(chat.dialog).to_have_count(0)
    expect(chat.launcher).to_be_focused()
    chat.launcher.click()
    chat.hears("several hours")
    expect(chat.log.locator(".guide")).to_have_count(2)


def test_on_a_phone_the_covered_page_cannot_be_reached(visit, url):
    page = visit(url, PHONE)
    Chat(page).open()
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate("[document.body.tagName, 'INFUSION-CHAT'].includes(document.activeElement.tagName)")


def test_on_a_touch_screen_the_keyboard_does_not_cover_the_answer(visit, url):
    chat = Chat(visit(url, PHONE)).open()
    chat.ask("how long does it take?").hears("several hours")
    assert focused(chat.page) == "Conversation"


def test_replies_are_announced_once_and_whole_from_outside_the_shadow_root(chat):
    page = chat.page
    page.evaluate("""() => { window.said = []; const status = document.querySelector("infusion-chat > [role=status]");
        new MutationObserver(() => status.textContent && window.said.push(status.textContent))
          .observe(status, {childList: true, characterData: true, subtree: true}) }""")
    chat.ask("how long does it take?").hears("several hours")
    chat.ask("my throat is closing and i cant breathe").hears("Get help now")
    first, second = page.evaluate("window.said")
    assert first.startswith("A session often takes")
    assert first.endswith("Not yet reviewed by a clinician.")
    assert second.startswith("Important. Get help now")
    expect(chat.log).to_have_attribute("aria-live", "off")
    expect(page.locator("[aria-live=polite], [aria-live=assertive], [role=alert]")).to_have_count(0)


def test_the_log_only_grows(chat):
    chat.ask("how long does it take?").hears("several hours")
    before = chat.log.locator(".message").all_inner_texts()
    chat.ask("whats the benadryl for").hears("antihistamine")
    assert chat.log.locator(".message").all_inner_texts()[: len(before)] == before


def test_who_speaks_is_said_in_words(chat):
    chat.ask("how long does it take?").hears("several hours")
    firsts = [message.inner_text().split("\n")[0] for message in chat.log.locator(".message").all()]
    assert firsts == ["Guide", "You", "Guide"]


@pytest.mark.parametrize("state", STATES[1:])
@pytest.mark.parametrize("size", [DESKTOP, SMALL_PHONE], ids=["desktop", "320 px"])
def test_every_target_is_44_pixels_and_nothing_scrolls_sideways(visit, url, state, size):
    page = visit(url, size)
    chat = Chat(page)
    assert chat.launcher.bounding_box()["height"] >= 44
    bring(chat, state)
    small = page.evaluate(
        """() => [...document.querySelector("infusion-chat").shadowRoot.querySelectorAll(":is(button, a, textarea)")]
        .filter((e) => e.checkVisibility()).map((e) => [e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([text]) => text)"""
    )
    assert small == []
    wide = page.evaluate(
        """() => { const root = document.querySelector("infusion-chat").shadowRoot;
        return [document.documentElement, ...root.querySelectorAll("dialog, .scroll, form")]
          .filter((e) => e.scrollWidth > e.clientWidth + 1).length }"""
    )
    assert wide == 0
    expects_failed_requests(visit)


def readable(chat, words):
    """Whether every part that is needed can be brought into view."""
    for part in (chat.last.get_by_text(words).first, chat.field, chat.button("Send", exact=True), chat.button("Close")):
        part.scroll_into_view_if_needed()
        expect(part).to_be_in_viewport(ratio=0.5)


def test_it_works_at_400_percent_zoom(visit, url):
    # 1280 × 1024 at 400 % is 320 × 256 (WCAG 1.4.10).
    chat = Chat(visit(url, (320, 256))).open().ask("my throat is closing and i cant breathe").hears("Get help now")
    readable(chat, "Get help now")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_works_with_text_at_200_percent(visit, url, size):
    page = visit(url, size)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    chat = Chat(page).open().ask("my throat is closing and i cant breathe").hears("Get help now")
    assert chat.last.evaluate("element => parseFloat(getComputedStyle(element).fontSize)") >= 32
    readable(chat, "Get help now")


def test_text_may_be_spaced_out(chat):
    # WCAG 1.4.12, as a person's own style sheet would do it.
    chat.page.evaluate("""() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em }");
        document.querySelector("infusion-chat").shadowRoot.adoptedStyleSheets.push(sheet) }""")
    chat.ask("my throat is closing and i cant breathe").hears("Get help now")
    readable(chat, "Get help now")


def test_an_answer_is_shown_from_its_start(visit, url):
    chat = Chat(visit(url, PHONE)).open().ask("what are the serious risks?")
    expect(chat.log.locator(".guide")).to_have_count(2)
    expect(chat.last.locator("p").nth(1)).to_be_in_viewport()
    area, message = chat.dialog.locator(".scroll").bounding_box(), chat.last.bounding_box()
    assert 0 <= message["y"] - area["y"] < 30


@pytest.mark.parametrize(("motion", "moves"), [("reduce", "none"), ("no-preference", "breathe")])
def test_nothing_moves_for_who_wants_no_motion(visit, url, motion, moves):
    chat = Chat(visit(url, reduced_motion=motion)).open()
    chat.page.route("**/webhooks/web/message", lambda route: None)
    chat.ask("how long does it take?")
    waiting = chat.dialog.get_by_text("I'm looking for an answer")
    expect(waiting).to_be_visible()
    assert waiting.evaluate("element => getComputedStyle(element, '::after').animationName") == moves


def test_a_warning_is_marked_without_colour_too(visit, url):
    chat = Chat(visit(url, forced_colors="active")).open()
    chat.ask("my throat is closing and i cant breathe").hears("Get help now")
    style = chat.last.evaluate(
        "element => [getComputedStyle(element).borderInlineStartWidth, getComputedStyle(element).borderStyle]"
    )
    assert float(style[0].removesuffix("px")) >= 6
    assert style[1] == "solid"
