"""What the widget shows, in a real browser on a really running guide."""

import pytest
import sqlalchemy
from playwright.sync_api import expect

from tests.web.browsing import DESKTOP, PHONE, Chat


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_question_gets_its_answer_with_source_and_review_state(visit, url, size):
    chat = Chat(visit(url, size)).open().ask("how long does it take?").hears("several hours")
    expect(chat.last).to_contain_text(
        "From: IV Therapy for Sjögren's: What to Expect — The Logistics of Infusion Sessions"
    )
    expect(chat.last).to_contain_text("Not yet reviewed by a clinician.")


def test_nothing_is_asked_or_stored_before_it_is_opened(visit, url):
    page = visit(url)
    Chat(page).launcher.wait_for()
    page.wait_for_load_state("networkidle")
    assert not [request for request in visit.requests if "/webhooks/" in request or "/contents" in request]
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_an_open_conversation_leaves_no_cookie_and_no_storage(chat):
    chat.ask("how long does it take?").hears("several hours")
    assert chat.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert chat.page.context.cookies() == []


def test_the_first_questions_are_suggested_and_can_be_picked(chat):
    first = chat.dialog.get_by_role("list", name="People often ask").get_by_role("button").first
    title = first.inner_text()
    first.click()
    expect(chat.log.locator(".you")).to_contain_text(title)
    expect(chat.log.locator(".guide")).to_have_count(2)
    expect(chat.last).to_contain_text("From:")


def test_an_answer_is_followed_by_what_else_to_ask(chat):
    chat.ask("how long does it take?").hears("several hours")
    pick = chat.dialog.get_by_role("list", name="You could also ask").get_by_role("button").first
    title = pick.inner_text()
    pick.click()
    expect(chat.log.locator(".you").last).to_contain_text(title)
    expect(chat.log.locator(".guide")).to_have_count(3)


def test_a_warning_sign_gets_a_card_in_words_with_numbers_to_tap(chat):
    chat.ask("my throat is closing and i cant breathe").hears("Get help now")
    expect(chat.last.get_by_role("heading", name="Get help now")).to_be_visible()
    expect(chat.last.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    choices = chat.dialog.get_by_role("list", name="Is your infusion running right now?")
    expect(choices.get_by_role("button")).to_have_text(["Yes, it's running", "No, it's not", "I was only asking"])
    chat.button("I was only asking").click()
    chat.hears("All right")


def test_the_care_team_is_always_one_tap_away(chat):
    call = chat.dialog.get_by_role("link", name="Call your care team: 555-0100")
    expect(call).to_have_attribute("href", "tel:5550100")
    before = call.bounding_box()
    for text, words in [("how long does it take?", "several hours"), ("i cant breathe", "Get help now")]:
        chat.ask(text).hears(words)
        assert call.bounding_box() == before


@pytest.mark.parametrize(("answer", "thanks", "kept"), [("Yes", "glad it helped", 1), ("No", "555-0100", 0)])
def test_an_answer_can_be_rated(chat, server_folder, answer, thanks, kept):
    engine = sqlalchemy.create_engine(f"sqlite:///{server_folder / 'guide.db'}", future=True)

    def rows():
        with engine.connect() as connection:
            return list(connection.execute(sqlalchemy.text("select answer_id, helpful from answer_feedback")))

    before = len(rows())
    chat.ask("how long does it take?").hears("several hours")
    chat.dialog.get_by_role("group", name="Was this helpful?").get_by_role("button", name=answer).click()
    expect(chat.dialog.get_by_role("group", name="Was this helpful?")).to_contain_text(thanks)
    expect(chat.status).to_contain_text(thanks)
    assert rows()[before:] == [("during-infusion/length", kept)]


def test_only_an_answer_can_be_rated(chat):
    chat.ask("can i drive home afterwards").hears("isn't in the documents")
    expect(chat.dialog.get_by_text("Was this helpful?")).to_have_count(0)


def test_while_it_looks_it_says_so_and_a_second_message_is_not_lost(chat):
    held = []
    chat.page.route("**/webhooks/web/message", lambda route: held.append(route), times=1)
    chat.ask("how long does it take?")
    expect(chat.dialog.get_by_text("I'm looking for an answer")).to_be_visible()
    expect(chat.log).to_have_attribute("aria-busy", "true")
    chat.field.fill("and rituximab?")
    chat.field.press("Enter")
    expect(chat.field).to_have_value("and rituximab?")
    held[0].continue_()
    chat.hears("several hours")
    expect(chat.dialog.get_by_text("I'm looking for an answer")).to_have_count(0)
    expect(chat.log).to_have_attribute("aria-busy", "false")
    chat.field.press("Enter")
    chat.hears("rituximab")


def conversations(server_folder):
    engine = sqlalchemy.create_engine(f"sqlite:///{server_folder / 'guide.db'}", future=True)
    with engine.connect() as connection:
        return {row[0] for row in connection.execute(sqlalchemy.text("select sender_id from conversation"))}


def test_start_over_begins_anew_here_and_on_the_server(chat, server_folder):
    before = conversations(server_folder)
    chat.ask("tell me how rituximab works").hears("From:")
    assert len(conversations(server_folder) - before) == 1
    chat.button("Start over").click()
    expect(chat.log.locator(".message")).to_have_count(1)
    chat.hears("computer program")
    assert conversations(server_folder) - before == set()
    expect(chat.field).to_be_focused()


def test_start_over_drops_an_answer_that_is_on_its_way(chat):
    held = []
    chat.page.route("**/webhooks/web/message", lambda route: held.append(route), times=1)
    chat.ask("how long does it take?")
    expect(chat.log).to_have_attribute("aria-busy", "true")
    chat.button("Start over").click()
    chat.hears("computer program")
    with chat.page.expect_response("**/webhooks/web/message"):
        held[0].continue_()
    chat.ask("whats the benadryl for").hears("antihistamine")
    expect(chat.log.get_by_text("several hours")).to_have_count(0)


def test_a_page_that_is_left_is_forgotten_on_the_server(chat, server_folder, url):
    before = conversations(server_folder)
    chat.ask("tell me how rituximab works").hears("From:")
    [mine] = conversations(server_folder) - before
    # A page that could come back with the back button keeps its conversation; one that is reloaded cannot.
    chat.page.reload()
    for _ in range(50):
        if mine not in conversations(server_folder):
            break
        chat.page.wait_for_timeout(100)
    assert mine not in conversations(server_folder)


def test_html_is_shown_as_text(chat):
    chat.ask("<img src=x onerror=alert(1)>")
    expect(chat.log.locator(".you").last).to_contain_text("<img src=x onerror=alert(1)>")
    expect(chat.log.locator("img")).to_have_count(0)


def test_markup_in_a_reply_stays_inert(chat):
    text = '<a href="javascript:alert(1)">here</a><script>alert(2)</script>'
    reply = {"outcome": "triage", "tier": "emergency", "heading": text, "text": text, "sources": [text],
             "notes": [text], "choices": [{"id": text, "title": text}], "answers": [],
             "phones": ["javascript:alert(3)"]}  # fmt: skip
    chat.page.route("**/webhooks/web/message", lambda route: route.fulfill(json={"reply": reply}))
    chat.ask("hi").hears(text)
    expect(chat.dialog.locator("script")).to_have_count(0)
    links = chat.dialog.get_by_role("link")
    assert all(link.get_attribute("href").startswith("tel:") for link in links.all())


def test_a_message_that_is_too_long_is_not_lost(chat):
    text = "how long does it take? " * 60
    chat.ask(text).hears("too long for me to read")
    expect(chat.field).to_have_value(text.strip())


def test_a_link_may_name_what_to_ask(visit, url):
    chat = Chat(visit(f"{url}/#premedication/why,during-infusion/length"))
    chat.hears("computer program")
    names = chat.dialog.get_by_role("list", name="People often ask").get_by_role("button")
    expect(names).to_have_count(2)
    names.first.click()
    chat.hears("From:")


@pytest.mark.parametrize("fragment", ["#contact", "#/route/deep/er", "#<img>/x", "#a/b,"])
def test_the_pages_own_fragments_open_nothing(visit, url, fragment):
    chat = Chat(visit(f"{url}/{fragment}"))
    expect(chat.launcher).to_be_visible()
    expect(chat.dialog).to_have_count(0)


def test_without_javascript_a_person_sees_the_number(visit, url):
    page = visit(url, java_script_enabled=False)
    expect(page.get_by_role("link", name="555-0100")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
