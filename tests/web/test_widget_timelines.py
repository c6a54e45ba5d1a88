"""What to expect, step by step, in the widget."""

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Chat


def test_the_timelines_are_offered_after_the_greeting(chat, knowledge):
    offered = chat.dialog.get_by_role("list", name="Or see it step by step").get_by_role("button")
    expect(offered).to_have_text([timeline.title for timeline in knowledge.timelines.values()])


def test_a_timeline_tells_its_steps_in_order_and_that_nobody_has_reviewed_it(chat, knowledge):
    timeline = knowledge.timelines["visit"]
    steps = chat.sees_step_by_step(timeline.title).get_by_role("listitem")
    expect(steps).to_have_count(len(timeline.steps))
    for number, step in enumerate(timeline.steps):
        expect(steps.nth(number).get_by_role("button")).to_have_text(step.title)
        expect(steps.nth(number)).to_contain_text(f"{step.phase.title()}: {step.text('ivig').text}")
    expect(chat.last).to_contain_text("Not yet reviewed by a clinician.")
    expect(chat.log.locator(".you").last).to_contain_text(timeline.title)
    expect(chat.status).to_contain_text("Your visit, step by step. For IVIG. 1. Check-in and blood tests.")


def test_the_drug_is_switched_by_two_buttons(chat, knowledge):
    steps = chat.sees_step_by_step().get_by_role("listitem")
    ivig, rituximab = (chat.button(name) for name in ("For IVIG", "For rituximab"))
    expect(ivig).to_have_attribute("aria-pressed", "true")
    rituximab.focus()
    chat.page.keyboard.press("Enter")
    expect(rituximab).to_be_focused()
    expect(rituximab).to_have_attribute("aria-pressed", "true")
    expect(ivig).to_have_attribute("aria-pressed", "false")
    for number, step in enumerate(knowledge.timelines["visit"].steps):
        expect(steps.nth(number)).to_contain_text(step.text("rituximab").text)
    expect(chat.status).to_contain_text("For rituximab.")


@pytest.mark.parametrize("name", ["visit", "benefit"])
@pytest.mark.parametrize("therapy", ["IVIG", "rituximab"])
def test_every_step_asks_for_its_answer_with_the_drug(chat, knowledge, name, therapy):
    timeline = knowledge.timelines[name]
    steps = chat.sees_step_by_step(timeline.title).get_by_role("button")
    chat.button(f"For {therapy}").click()
    for number, step in enumerate(timeline.steps):
        answer = knowledge.answers[step.answer]
        with chat.page.expect_response("**/webhooks/web/message") as response:
            steps.nth(number).click()
        assert response.value.json()["reply"]["answers"] == [step.answer]
        expect(chat.log.locator(".you").last).to_contain_text(f"{answer.question} (For {therapy})")
        chat.hears(answer.variant(therapy.lower(), None).answer)
        expect(chat.log).to_have_attribute("aria-busy", "false")


def test_a_timeline_is_reached_and_used_by_keyboard(chat):
    page = chat.page
    chat.button("Your visit, step by step").focus()
    page.keyboard.press("Enter")
    expect(chat.dialog.get_by_role("group", name="Conversation")).to_be_focused()
    for name in ("For IVIG", "For rituximab", "Check-in and blood tests"):
        page.keyboard.press("Tab")
        expect(chat.button(name)).to_be_focused()
    page.keyboard.press("Enter")
    chat.hears("The blood tests before your first session")


def test_where_the_timelines_cannot_be_had_nothing_else_is_missing(visit, url):
    page = visit(url)
    page.route("**/contents.json", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    chat = Chat(page).open().ask("how long does it take?").hears("several hours")
    expect(chat.dialog.get_by_text("step by step")).to_have_count(0)
    visit.errors[:] = [error for error in visit.errors if "Failed to load resource" not in error]


def test_a_step_whose_answer_fails_can_be_asked_again(chat, visit):
    steps = chat.sees_step_by_step().get_by_role("button")
    chat.page.route("**/webhooks/web/message", lambda route: route.abort())
    steps.nth(3).click()
    chat.hears("can't answer right now")
    expect(chat.field).to_have_value("")
    chat.page.unroute("**/webhooks/web/message")
    chat.button("Send again").click()
    chat.hears("IVIG infusion may take several hours")
    visit.errors[:] = [error for error in visit.errors if "Failed to load resource" not in error]
