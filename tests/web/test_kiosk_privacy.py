"""What the next person finds at the kiosk: nothing. And what stays when the network drops."""

import re
import sqlite3

import httpx
import pytest
from playwright.sync_api import expect

from tests.web.kiosk_screen import KEYBOARD, LANDSCAPE

SECOND = 1000


def conversations(folder):
    with sqlite3.connect(folder / "guide.db") as database:
        return {row[0] for row in database.execute("SELECT sender_id FROM conversation WHERE sender_id LIKE 'kiosk-%'")}


@pytest.fixture
def nobody_before(server_folder):
    """The conversations of other tests, which are not this one's."""
    return conversations(server_folder)


def found_nothing(kiosk, server_folder, nobody_before):
    kiosk.at_start()
    page = kiosk.page
    expect(page.locator("html")).to_have_class("")
    expect(kiosk.button("Larger text")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("dialog[open]")).to_have_count(0)
    for place in ("#view", "#sheet", "#code"):
        assert page.locator(f"{place} > *").count() == 0, place
    assert page.locator("#question").input_value() == ""
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, history.length]")[:3] == [
        0,
        0,
        "",
    ]
    expect(kiosk.button("Back")).to_be_disabled()
    page.wait_for_function("() => true")
    for _ in range(50):
        left = conversations(server_folder) - nobody_before
        if not left:
            break
        page.wait_for_timeout(50)
    assert left == set()


def left_behind(kiosk):
    """Somebody reads, types, sets and opens all there is."""
    kiosk.touch("Larger text").touch("High contrast").ask("how long does rituximab take").reads("several hours")
    kiosk.touch("Take it with you")
    kiosk.home.locator("svg").wait_for()
    kiosk.home.get_by_role("button", name="Close this").click()
    return kiosk


def test_after_a_minute_it_asks_and_after_twenty_seconds_all_is_wiped(open_kiosk, server_folder, nobody_before):
    kiosk = left_behind(open_kiosk(path=KEYBOARD, clock=True))
    assert conversations(server_folder) - nobody_before
    kiosk.page.clock.run_for(59 * SECOND)
    expect(kiosk.idle).to_be_hidden()
    kiosk.page.clock.run_for(2 * SECOND)
    expect(kiosk.idle).to_be_visible()
    expect(kiosk.idle).to_contain_text("this screen will be wiped in 20 seconds")
    expect(kiosk.idle.get_by_role("status")).to_have_text("Press I am still here to go on.")
    expect(kiosk.button("I am still here")).to_be_focused()
    kiosk.page.clock.run_for(10 * SECOND)
    expect(kiosk.idle.get_by_role("status")).to_contain_text("10 seconds left")
    kiosk.page.clock.run_for(11 * SECOND)
    found_nothing(kiosk, server_folder, nobody_before)
    expect(kiosk.page.locator("#status")).to_have_text("This screen was wiped.")


def test_who_is_still_there_keeps_everything_as_often_as_asked(open_kiosk):
    kiosk = open_kiosk(clock=True).touch("Larger text").read_something()
    for _ in range(3):
        kiosk.page.clock.run_for(61 * SECOND)
        kiosk.touch("I am still here")
        expect(kiosk.idle).to_be_hidden()
    kiosk.page.clock.run_for(59 * SECOND)
    kiosk.reads("several hours")
    expect(kiosk.button("Larger text")).to_have_attribute("aria-pressed", "true")


def test_whoever_touches_the_screen_is_not_asked(open_kiosk):
    kiosk = open_kiosk(clock=True).read_something()
    for _ in range(4):
        kiosk.page.clock.run_for(40 * SECOND)
        kiosk.page.touchscreen.tap(LANDSCAPE[0] - 10, 300)
    expect(kiosk.idle).to_be_hidden()
    kiosk.reads("several hours")


def test_a_screen_that_nobody_has_touched_does_not_ask(open_kiosk):
    kiosk = open_kiosk(clock=True)
    kiosk.page.clock.run_for(300 * SECOND)
    expect(kiosk.idle).to_be_hidden()


@pytest.mark.parametrize("card", ["typed", "unwell"])
def test_a_card_for_an_emergency_stays_for_two_minutes(open_kiosk, card):
    kiosk = open_kiosk(path=KEYBOARD, clock=True)
    if card == "typed":
        kiosk.ask("i have crushing chest pain").reads("Get help now")
    else:
        kiosk.touch("I feel unwell")
    kiosk.page.clock.run_for(118 * SECOND)
    expect(kiosk.idle).to_be_hidden()
    expect(kiosk.view.locator(".alert") if card == "typed" else kiosk.unwell).to_be_visible()
    kiosk.page.clock.run_for(3 * SECOND)
    expect(kiosk.idle).to_be_visible()
    kiosk.page.clock.run_for(21 * SECOND)
    kiosk.at_start()
    expect(kiosk.unwell).to_be_hidden()


def test_done_wipes_at_once_and_the_token_is_worth_nothing(open_kiosk, url, server_folder, nobody_before):
    kiosk, tokens = open_kiosk(path=KEYBOARD), []
    kiosk.page.on("request", lambda asked: tokens.append(asked.headers.get("authorization")))
    left_behind(kiosk)
    assert conversations(server_folder) - nobody_before
    with kiosk.page.expect_response(re.compile("/webhooks/kiosk/end")) as ended:
        kiosk.touch("I'm done")
    assert ended.value.status == 204
    found_nothing(kiosk, server_folder, nobody_before)
    token = next(token for token in tokens if token)
    again = httpx.post(f"{url}/webhooks/kiosk/message", json={"text": "and ivig?"}, headers={"Authorization": token})
    assert again.status_code == 401


@pytest.mark.parametrize("way", ["reload", "away and back"])
def test_reload_and_the_back_button_find_nothing(open_kiosk, server_folder, nobody_before, way):
    kiosk = left_behind(open_kiosk(path=KEYBOARD))
    if way == "reload":
        kiosk.page.reload()
    else:
        kiosk.page.goto("about:blank")
        kiosk.page.go_back()
    found_nothing(kiosk, server_folder, nobody_before)


def test_reading_leaves_no_steps_for_the_back_button(open_kiosk):
    kiosk = open_kiosk()
    before = kiosk.page.evaluate("history.length")
    kiosk.read_something().touch("Back").touch("All topics")
    assert kiosk.page.evaluate("[history.length, location.hash, location.search]") == [before, "", ""]


def test_an_answer_that_comes_after_the_wipe_is_not_shown(open_kiosk, server_folder, nobody_before):
    kiosk, waiting = open_kiosk(clean=False), []
    kiosk.page.route("**/webhooks/kiosk/message", lambda route: waiting.append(route))
    kiosk.touch("During the infusion").touch("How long does an infusion take?")
    for _ in range(50):
        if waiting:
            break
        kiosk.page.wait_for_timeout(50)
    kiosk.touch("I'm done")
    waiting[0].continue_()
    kiosk.page.wait_for_timeout(300)
    found_nothing(kiosk, server_folder, nobody_before)


def test_two_touches_at_once_show_the_last_and_leave_no_conversation(open_kiosk, server_folder, nobody_before):
    kiosk = open_kiosk().touch("During the infusion")
    kiosk.page.evaluate("document.querySelectorAll('#view .list button').forEach((one) => one.click())")
    last = kiosk.view.get_by_role("list", name="Questions").get_by_role("button").last.inner_text()
    expect(kiosk.page.get_by_role("heading", name=last)).to_be_visible()
    kiosk.touch("Back")
    expect(kiosk.page.get_by_role("heading", name="During the infusion")).to_be_visible()
    kiosk.touch("I'm done")
    found_nothing(kiosk, server_folder, nobody_before)


def test_the_next_person_gets_a_session_of_their_own(open_kiosk):
    kiosk, tokens = open_kiosk(), set()
    kiosk.page.on("request", lambda asked: tokens.add(asked.headers.get("authorization")))
    kiosk.read_something().touch("I'm done").read_something()
    assert len(tokens - {None}) == 2


# ---- A dropped network


def test_tiles_the_card_and_what_was_read_outlive_the_network(open_kiosk):
    kiosk = open_kiosk(clean=False).read_something()
    kiosk.page.context.set_offline(True)
    kiosk.touch("All topics").touch("During the infusion").touch("How long does an infusion take?")
    kiosk.reads("several hours").reads("From: IV Therapy for Sjögren's: What to Expect")
    kiosk.touch("All topics").touch("Your visit, step by step")
    expect(kiosk.page.locator("svg.timeline")).to_be_visible()
    kiosk.touch("I feel unwell")
    expect(kiosk.unwell).to_contain_text("Press the call button, or tell a nurse or the front desk now.")


def test_what_needs_the_network_says_so_and_can_be_tried_again(open_kiosk):
    kiosk = open_kiosk(clean=False)
    kiosk.page.context.set_offline(True)
    kiosk.touch("Dry eyes and mouth")
    question = kiosk.view.get_by_role("button").first
    title = question.inner_text()
    question.click()
    expect(kiosk.view).to_contain_text("I can't reach the guide right now.")
    expect(kiosk.view).to_contain_text("ask your nurse")
    kiosk.page.context.set_offline(False)
    kiosk.touch("Try again")
    expect(kiosk.page.get_by_role("heading", name=title)).to_be_visible()
    expect(kiosk.view.locator(".source").first).to_be_visible()
    kiosk.touch("Back")
    expect(kiosk.page.get_by_role("heading", name="Dry eyes and mouth")).to_be_visible()


def test_a_reload_without_a_network_still_shows_tiles_and_what_to_do(open_kiosk):
    kiosk = open_kiosk(clean=False)
    kiosk.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    kiosk.page.context.set_offline(True)
    kiosk.page.reload()
    kiosk.at_start().touch("During the infusion")
    expect(kiosk.view.get_by_role("button").first).to_be_visible()
    kiosk.touch("I feel unwell")
    expect(kiosk.unwell).to_be_visible()


def test_what_is_kept_for_a_dropped_network_is_the_same_for_everybody(open_kiosk):
    kiosk = open_kiosk().read_something()
    kept = kiosk.page.evaluate("""navigator.serviceWorker.ready.then(async () => {
        const names = await caches.keys();
        const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return kept.flat().map((request) => new URL(request.url).pathname);
    })""")
    assert sorted(kept) == sorted(
        ["/kiosk/", "/kiosk/kiosk.css", "/kiosk/kiosk.js", "/kiosk/timeline.js", "/contents.json", "/web/icon.svg"]
    )


def test_a_conversation_that_could_not_be_ended_is_ended_when_the_network_is_back(
    open_kiosk, server_folder, nobody_before
):
    kiosk = open_kiosk(clean=False, clock=True).read_something()
    assert conversations(server_folder) - nobody_before
    kiosk.page.context.set_offline(True)
    with kiosk.page.expect_event("requestfailed"):
        kiosk.touch("I'm done").at_start()
    kiosk.page.context.set_offline(False)
    with kiosk.page.expect_response(re.compile("/webhooks/kiosk/end")):
        kiosk.page.clock.run_for(6 * SECOND)
    found_nothing(kiosk, server_folder, nobody_before)


def test_a_server_that_errs_never_shows_its_error(open_kiosk):
    kiosk = open_kiosk(clean=False)
    kiosk.page.route("**/webhooks/kiosk/message", lambda route: route.fulfill(status=500, body="Traceback: boom"))
    kiosk.touch("During the infusion").touch("How long does an infusion take?")
    expect(kiosk.view).to_contain_text("ask your nurse")
    expect(kiosk.page.get_by_text("Traceback")).to_have_count(0)


def test_a_session_that_ended_on_the_server_is_begun_again_unseen(open_kiosk):
    # Past a service worker a browser shows no request to a test.
    kiosk, refused = open_kiosk(clean=False, service_workers="block"), []

    def refuse_once(route):
        if refused:
            route.continue_()
        else:
            refused.append(route)
            route.fulfill(status=401, json={"error": "session expired", "reply": {}})

    kiosk.page.route("**/webhooks/kiosk/message", refuse_once)
    kiosk.read_something()
    assert refused
