"""What the widget says when something is wrong: words, a number, and nothing lost."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Chat

MESSAGE = "**/webhooks/web/message"


@pytest.fixture
def failing(visit, url):
    """The open widget on a page whose console may name the failed request."""
    chat = Chat(visit(url)).open()
    yield chat
    visit.errors[:] = [error for error in visit.errors if "Failed to load resource" not in error]


def offers_a_way_on(chat, text):
    expect(chat.last.get_by_role("link", name="Call 555-0100")).to_have_attribute("href", "tel:5550100")
    expect(chat.last.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(chat.last).to_contain_text("Your message is kept.")
    expect(chat.field).to_have_value(text)
    expect(chat.status).to_contain_text(chat.last.locator("p").nth(1).inner_text())


def works_again(chat):
    chat.page.unroute(MESSAGE)
    chat.page.context.set_offline(False)
    chat.button("Send again").click()
    chat.hears("several hours")
    expect(chat.field).to_have_value("")
    # Sent again, not said twice.
    expect(chat.log.locator(".you")).to_have_count(1)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda route: route.abort(), "can't answer right now"),
        (lambda route: route.fulfill(status=500, json={"error": "the request could not be served"}), "can't answer"),
        (
            lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>"),
            "can't answer",
        ),
        (lambda route: route.fulfill(status=200, json=[]), "can't answer"),
    ],
    ids=["no connection", "HTTP 500", "a proxy's page", "an empty answer"],
)
def test_a_server_that_fails_is_said_in_words_and_the_message_is_kept(failing, fault, words):
    failing.page.route(MESSAGE, fault)
    failing.ask("how long does it take?").hears(words)
    offers_a_way_on(failing, "how long does it take?")
    works_again(failing)


def test_being_offline_is_said_in_words_and_the_message_is_kept(failing):
    failing.page.context.set_offline(True)
    failing.ask("how long does it take?").hears("seem to be offline")
    offers_a_way_on(failing, "how long does it take?")
    works_again(failing)


def test_a_server_that_is_too_slow_is_not_waited_for(failing):
    failing.page.evaluate("document.querySelector('infusion-chat').dataset.seconds = 0.3")
    failing.page.route(MESSAGE, lambda route: None)
    failing.ask("how long does it take?").hears("took too long")
    offers_a_way_on(failing, "how long does it take?")
    failing.page.evaluate("delete document.querySelector('infusion-chat').dataset.seconds")
    works_again(failing)


def test_a_flood_is_slowed_and_the_message_is_kept(failing):
    token = []
    failing.page.on("request", lambda request: token.append(request.headers.get("authorization")))
    failing.ask("hello").hears("Hello")
    flood = """async (token) => { for (let i = 0; i < 15; i++) await fetch('/webhooks/web/message',
        {method: 'POST', headers: {Authorization: token}, body: JSON.stringify({text: 'hi'})}) }"""
    failing.page.evaluate(flood, token[-1])
    failing.ask("how long does it take?").hears("wait a moment")
    expect(failing.last.get_by_role("link", name="Call 555-0100")).to_be_visible()
    expect(failing.field).to_have_value("how long does it take?")
    failing.page.wait_for_timeout(1100)
    failing.button("Send again").click()
    failing.hears("several hours")


def test_a_session_that_ended_is_begun_anew_and_the_message_goes_through(failing):
    spoilt = []

    def spoil(route):
        if spoilt:
            return route.continue_()
        spoilt.append(route.request.headers["authorization"])
        return route.continue_(headers={**route.request.headers, "authorization": "Bearer expired"})

    failing.page.route(MESSAGE, spoil)
    failing.ask("how long does it take?").hears("several hours")
    expect(failing.log.get_by_text("Our last chat had ended")).to_have_count(1)
    expect(failing.status).to_have_text(re.compile("Our last chat had ended.*several hours", re.DOTALL))
    expect(failing.log.locator(".you")).to_have_count(1)


def test_a_reply_that_was_lost_on_its_way_is_given_again_and_the_message_is_answered_once(failing):
    ids, given = [], []

    def lose_the_first(route):
        ids.append(route.request.post_data_json["id"])
        response = route.fetch()
        given.append(response.json())
        return route.abort() if len(given) == 1 else route.fulfill(response=response)

    failing.page.route(MESSAGE, lose_the_first)
    failing.ask("how long does it take?").hears("can't answer")
    failing.button("Send again").click()
    failing.hears("several hours")
    assert given[0] == given[1]
    failing.ask("how long does it take?").hears("several hours")
    expect(failing.log.locator(".guide").filter(has_text="several hours")).to_have_count(2)
    assert ids[0] == ids[1]
    assert ids[2] != ids[1]


def test_a_choice_is_kept_too(failing):
    failing.ask("how long does it take?").hears("several hours")
    failing.page.route(MESSAGE, lambda route: route.abort())
    pick = failing.dialog.get_by_role("list", name="You could also ask").get_by_role("button").first
    pick.click()
    failing.hears("can't answer")
    failing.page.unroute(MESSAGE)
    with failing.page.expect_request(MESSAGE) as request:
        failing.button("Send again").click()
    assert "choice" in request.value.post_data_json
    failing.hears("From:")


def test_a_guide_that_is_away_from_the_start_can_be_tried_again(visit, url):
    page = visit(url)
    page.route("**/webhooks/web/session", lambda route: route.abort())
    chat = Chat(page)
    chat.launcher.click()
    chat.hears("can't answer right now")
    expect(chat.dialog.get_by_role("link", name="Call your care team: 555-0100")).to_be_visible()
    page.unroute("**/webhooks/web/session")
    chat.button("Try again").click()
    chat.hears("computer program")
    visit.errors[:] = [error for error in visit.errors if "Failed to load resource" not in error]


def test_feedback_that_fails_is_said_and_harms_nothing(failing):
    failing.ask("how long does it take?").hears("several hours")
    failing.page.route("**/webhooks/web/feedback", lambda route: route.abort())
    failing.dialog.get_by_role("group", name="Was this helpful?").get_by_role("button", name="Yes").click()
    expect(failing.dialog.get_by_role("group", name="Was this helpful?")).to_contain_text("can't answer right now")
    failing.ask("whats the benadryl for").hears("antihistamine")
