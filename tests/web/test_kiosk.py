"""The kiosk in a real browser on a really running guide: what it shows, and how it is read."""

import gzip
import statistics

import httpx
import pytest
from playwright.sync_api import expect

from tests.web import kiosk_screen
from tests.web.browsing import PHONE, Chat
from tests.web.kiosk_screen import LANDSCAPE, PORTRAIT, SIZES

STATES = ("start", "topic", "answer", "visit", "visit_of_rituximab", "benefit", "visit_as_text", "unwell", "warned",
          "large_in_high_contrast", "take_home", "failed", "idle")  # fmt: skip


@pytest.fixture(params=SIZES)
def size(request):
    return SIZES[request.param]


# ---- What it shows


def test_every_curated_answer_is_reached_by_touch_alone(open_kiosk, knowledge):
    kiosk = open_kiosk()
    read = []
    for topic in knowledge.topics.values():
        kiosk.page.locator(f'[data-topic="{topic.id}"]').click()
        questions = kiosk.view.get_by_role("list", name="Questions").get_by_role("button")
        for number in range(questions.count()):
            title = questions.nth(number).inner_text()
            questions.nth(number).click()
            expect(kiosk.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            read.append((title, kiosk.view.locator(".says").first.inner_text()))
            kiosk.touch("Back")
        # A session of its own for each topic, as for the next person.
        kiosk.touch("I'm done")
    expected = [(answer.question, answer.variant(None, None).answer) for answer in knowledge.answers.values()]
    assert sorted(read) == sorted(expected)


def test_an_answer_shows_its_source_and_that_nobody_has_reviewed_it(open_kiosk):
    kiosk = open_kiosk().read_something()
    kiosk.reads("From: IV Therapy for Sjögren's: What to Expect — The Logistics of Infusion Sessions")
    kiosk.reads("Not yet reviewed by a clinician.")


def test_what_differs_for_a_drug_or_another_disease_is_one_touch_away(open_kiosk):
    kiosk = open_kiosk().read_something()
    kiosk.touch("About rituximab").reads("A rituximab infusion can take several hours")
    kiosk.touch("IVIG in another disease, dermatomyositis").reads("In dermatomyositis, one IVIG infusion lasts")
    # The next question is not coloured by it.
    kiosk.touch("How often will I have infusions?").reads("Rituximab is often a pair")


def test_the_tiles_and_the_safety_card_come_with_the_page_itself(url, knowledge):
    page = httpx.get(f"{url}/kiosk/").text
    for topic in knowledge.topics.values():
        assert f'data-topic="{topic.id}"' in page
    assert "Press the call button, or tell a nurse or the front desk now." in page
    assert "$" not in page
    assert "Please ask your nurse." in page.partition("<noscript>")[2].partition("</noscript>")[0]


def test_nothing_leads_outside_and_no_number_dials(open_kiosk):
    kiosk = open_kiosk().touch("I feel unwell")
    expect(kiosk.unwell).to_contain_text("call 911")
    assert kiosk.page.locator("a, area, iframe, [href*='tel:'], [target]").count() == 0


def test_typing_is_offered_only_where_there_is_a_keyboard(open_kiosk):
    expect(open_kiosk().page.get_by_label("Your question")).to_be_hidden()
    expect(open_kiosk(path=kiosk_screen.KEYBOARD).page.get_by_label("Your question")).to_be_visible()


def test_a_typed_warning_sign_gets_a_card_in_words_with_the_nurse_first(open_kiosk):
    kiosk = open_kiosk(path=kiosk_screen.KEYBOARD).ask("my throat is closing and i cant breathe")
    card = kiosk.view.locator(".alert")
    expect(card).to_contain_text("Important")
    expect(card.get_by_role("heading", name="Get help now")).to_be_focused()
    assert card.locator(".says").first.inner_text().startswith("Press the call button, or tell a nurse")
    expect(kiosk.page.locator("#status")).to_contain_text("Important. Get help now.")


def test_html_is_shown_as_text(open_kiosk):
    kiosk = open_kiosk(path=kiosk_screen.KEYBOARD).ask("<img src=x onerror=alert(1)> how long does it take?")
    expect(kiosk.view.get_by_role("heading").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert kiosk.page.locator("img").count() == 0


@pytest.mark.parametrize("scene", ["start", "visit", "large_in_high_contrast"])
def test_the_way_to_help_is_always_in_sight(open_kiosk, size, scene):
    kiosk = open_kiosk(size)
    getattr(kiosk_screen, scene)(kiosk.page)
    expect(kiosk.button("I feel unwell")).to_be_in_viewport(ratio=1)
    kiosk.touch("I feel unwell")
    expect(kiosk.unwell.get_by_text("Press the call button, or tell a nurse")).to_be_in_viewport(ratio=1)
    expect(kiosk.unwell.get_by_text("Trouble breathing")).to_be_visible()


# ---- What to expect, as a picture


@pytest.mark.parametrize(("name", "therapy"), [("visit", "IVIG"), ("visit", "rituximab"), ("benefit", "rituximab")])
def test_every_step_of_a_timeline_opens_its_answer(open_kiosk, knowledge, name, therapy):
    kiosk, timeline = open_kiosk(), knowledge.timelines[name]
    for number, step in enumerate(timeline.steps):
        kiosk.touch(timeline.title).touch(f"For {therapy}")
        drawn = kiosk.page.locator("svg.timeline").get_by_role("button").nth(number)
        assert step.text(therapy.lower()).text in drawn.get_attribute("aria-label")
        drawn.click()
        answer = knowledge.answers[step.answer]
        expect(kiosk.page.get_by_role("heading", name=answer.question)).to_be_visible()
        kiosk.reads(answer.variant(therapy.lower(), None).answer)
        kiosk.touch("All topics")


def test_a_timeline_is_read_by_keyboard_too(open_kiosk):
    kiosk = open_kiosk().touch("Your visit, step by step")
    kiosk.page.locator("svg.timeline").get_by_role("button").nth(2).focus()
    kiosk.page.keyboard.press("Enter")
    kiosk.reads("The IV line usually goes into a vein")


def test_a_timeline_has_a_text_version_with_the_same_words(open_kiosk, knowledge):
    kiosk = open_kiosk().touch("Your visit, step by step").touch("For rituximab").touch("Show as text")
    steps = kiosk.view.get_by_role("listitem")
    expect(steps).to_have_count(len(knowledge.timelines["visit"].steps))
    for number, step in enumerate(knowledge.timelines["visit"].steps):
        expect(steps.nth(number)).to_contain_text(step.text("rituximab").text)
    steps.nth(3).get_by_role("button").click()
    kiosk.reads("A rituximab infusion can take several hours")


def test_a_timeline_tells_its_times_in_words_and_numbers_not_by_colour(open_kiosk):
    kiosk = open_kiosk().touch("Your visit, step by step")
    texts = kiosk.page.locator("svg.timeline text").all_text_contents()
    assert {"Before", "During", "After", "Later"} <= set(texts)
    assert [text[:2] for text in texts if text[:1].isdigit()] == [f"{n}." for n in range(1, 8)]


def test_no_letter_of_a_timeline_leaves_its_box(open_kiosk, size):
    kiosk = open_kiosk(size)
    for title in ("Your visit, step by step", "When it may help, step by step"):
        kiosk.touch("Larger text").touch(title)
        outside = kiosk.page.evaluate("""() => [...document.querySelectorAll("svg.timeline .step")].flatMap((step) => {
            const box = step.querySelector("rect").getBoundingClientRect();
            return [...step.querySelectorAll("text")].filter((text) => {
                const letters = text.getBoundingClientRect();
                return letters.left < box.left || letters.right > box.right || letters.top < box.top
                    || letters.bottom > box.bottom;
            }).map((text) => text.textContent);
        })""")
        assert outside == []
        kiosk.touch("All topics")


# ---- How it is read


@pytest.mark.parametrize("scene", STATES)
def test_there_is_no_accessibility_fault(open_kiosk, faults, scene):
    kiosk = open_kiosk(LANDSCAPE, kiosk_screen.KEYBOARD, clock=scene == "idle", clean=scene != "failed")
    getattr(kiosk_screen, scene)(kiosk.page)
    assert faults(kiosk.page) == []


@pytest.mark.parametrize("scene", ["start", "visit", "answer", "large_in_high_contrast"])
@pytest.mark.parametrize("name", ["portrait", "phone"])
def test_there_is_no_accessibility_fault_on_other_screens(open_kiosk, faults, name, scene):
    kiosk = open_kiosk(SIZES[name])
    getattr(kiosk_screen, scene)(kiosk.page)
    assert faults(kiosk.page) == []


@pytest.mark.parametrize("scene", ["start", "answer", "visit_as_text", "take_home"])
def test_whatever_can_be_touched_is_eighty_pixels_or_more(open_kiosk, size, scene):
    kiosk = open_kiosk(size)
    getattr(kiosk_screen, scene)(kiosk.page)
    boxes = kiosk.page.evaluate("""() => [...document.querySelectorAll("button, input, [role=button]")]
        .map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => box.width)
        .map(([text, box]) => [text, box.width, box.height])""")
    assert len(boxes) > 2
    assert [box for box in boxes if min(box[1:]) < 79.99] == []


def test_large_text_and_high_contrast_say_that_they_are_on(open_kiosk):
    kiosk = open_kiosk()
    before = kiosk.page.evaluate("parseFloat(getComputedStyle(document.querySelector('h2')).fontSize)")
    kiosk.touch("Larger text").touch("High contrast")
    expect(kiosk.button("Larger text")).to_have_attribute("aria-pressed", "true")
    expect(kiosk.button("High contrast")).to_have_attribute("aria-pressed", "true")
    assert kiosk.page.evaluate("parseFloat(getComputedStyle(document.querySelector('h2')).fontSize)") >= 1.4 * before
    assert kiosk.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


@pytest.mark.parametrize("scene", ["start", "answer", "visit", "unwell"])
def test_nothing_scrolls_sideways_at_320_pixels(open_kiosk, scene):
    kiosk = open_kiosk((320, 640))
    getattr(kiosk_screen, scene)(kiosk.page)
    assert kiosk.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("voices", ["[]", '[{"localService": false, "lang": "en-US", "name": "remote"}]'])
def test_without_a_voice_of_its_own_it_says_so(open_kiosk, voices):
    kiosk = open_kiosk(script=f"speechSynthesis.getVoices = () => {voices};").read_something()
    expect(kiosk.view.get_by_text("This screen can't read aloud")).to_be_visible()
    expect(kiosk.button("Read aloud")).to_have_count(0)


VOICE = """
window.spoken = [];
window.stopped = 0;
const voice = { localService: true, lang: "en-US", name: "local" };
Object.defineProperty(window, "SpeechSynthesisUtterance", { value: class { constructor(text) { this.text = text; } } });
Object.defineProperty(window, "speechSynthesis", { value: {
  speaking: false,
  getVoices: () => [voice],
  speak(speech) { this.speaking = true; window.spoken.push([speech.text, speech.voice.localService]); },
  cancel() { this.speaking = false; window.stopped += 1; },
} });
"""


def test_a_voice_of_its_own_reads_the_answer_when_asked_and_stops_when_done(open_kiosk):
    kiosk = open_kiosk(script=VOICE).read_something()
    assert kiosk.page.evaluate("spoken") == []
    kiosk.touch("Read aloud")
    [(text, local)] = kiosk.page.evaluate("spoken")
    assert local
    assert text.startswith("How long does an infusion take?. A session often takes")
    expect(kiosk.button("Stop reading")).to_be_visible()
    stops = kiosk.page.evaluate("stopped")
    kiosk.touch("I'm done")
    assert kiosk.page.evaluate("stopped") > stops
    assert not kiosk.page.evaluate("speechSynthesis.speaking")


# ---- Take it with you


def drawn_code(kiosk, address):
    """The dark part of the code on the screen, which must be that of `address`."""
    from infusion_guide.channels.kiosk import code

    drawn = kiosk.home.locator("svg path").last
    assert f'd="{drawn.get_attribute("d")}"' in code(address).decode()
    return drawn


def test_the_code_holds_the_public_page_and_what_was_read_in_its_fragment_alone(open_kiosk, url):
    kiosk = open_kiosk().read_something().touch("Take it with you")
    drawn = drawn_code(kiosk, f"{url}/#during-infusion/length")
    expect(kiosk.home.get_by_role("listitem")).to_have_text(["How long does an infusion take?"])
    kiosk.home.get_by_role("button", name="Close this").click()
    kiosk.touch("High contrast").touch("Take it with you")
    expect(kiosk.home.locator("svg path").first).to_have_css("fill", "rgb(255, 255, 255)")
    expect(drawn).to_have_css("stroke", "rgb(0, 0, 0)")


def test_a_phone_that_reads_the_code_is_offered_what_was_read(open_kiosk, visit, url):
    kiosk = open_kiosk().read_something().touch("All topics").touch("Medicines before it")
    first = kiosk.view.get_by_role("list", name="Questions").get_by_role("button").first
    title = first.inner_text()
    first.click()
    kiosk.reads("From:").touch("Take it with you")
    with kiosk.page.expect_request("**/webhooks/kiosk/code") as asked:
        kiosk.home.get_by_role("button", name="Close this").click()
        kiosk.touch("Take it with you")
    answers = asked.value.post_data_json["answers"]
    address = f"{url}/#{','.join(answers)}"
    drawn_code(kiosk, address)
    chat = Chat(visit(address, PHONE)).hears("computer program")
    offered = chat.dialog.get_by_role("list", name="People often ask").get_by_role("button")
    expect(offered).to_have_text(["How long does an infusion take?", title])
    offered.first.click()
    chat.hears("several hours")


def test_without_a_public_page_the_code_is_not_there_and_that_is_said(open_kiosk):
    kiosk = open_kiosk()
    kiosk.page.evaluate("document.body.dataset.code = 'no'")
    kiosk.touch("Take it with you")
    expect(kiosk.home).to_contain_text("The clinic has no page for phones yet.")
    expect(kiosk.home.locator("#code-part")).to_be_hidden()


PRINTER = "window.print = () => { window.printed = document.getElementById('sheet').innerText; };"


def test_what_was_read_is_printed_with_its_sources_and_nothing_else(open_kiosk):
    kiosk = open_kiosk(path=kiosk_screen.KEYBOARD, script=PRINTER).read_something()
    kiosk.touch("All topics").ask("my name is Mary, whats the benadryl for").reads("antihistamine")
    kiosk.touch("High contrast").touch("Take it with you")
    kiosk.page.emulate_media(media="print")
    kiosk.page.evaluate("document.getElementById('print').click()")
    printed = kiosk.page.evaluate("printed")
    assert "How long does an infusion take?" in printed
    assert "antihistamine" in printed
    assert "From: IV Therapy for Sjögren's: What to Expect" in printed
    assert "Mary" not in printed
    assert kiosk.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(kiosk.page.locator("header")).to_be_hidden()
    kiosk.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert kiosk.page.locator("#sheet > *").count() == 0


# ---- Small and quick


def test_all_that_the_kiosk_loads_is_at_most_20_kilobytes(url):
    paths = ("/kiosk/", "/kiosk/kiosk.css", "/kiosk/kiosk.js", "/kiosk/timeline.js", "/kiosk/worker.js",
             "/contents.json")  # fmt: skip
    sizes = {path: len(gzip.compress(httpx.get(url + path).content)) for path in paths}
    assert sum(sizes.values()) <= 20 * 1024, sizes


def test_the_first_paint_comes_within_a_second(open_kiosk):
    page = open_kiosk(PORTRAIT).page
    # No wait_for_function: it evaluates a string again and again, which the page's policy forbids.
    paint = page.evaluate("""async () => {
        for (;;) {
            const [painted] = performance.getEntriesByName("first-contentful-paint");
            if (painted) return painted.startTime;
            await new Promise((next) => setTimeout(next, 20));
        }
    }""")
    assert 0 < paint <= 1000


def test_a_touch_shows_its_answer_within_150_milliseconds_at_the_median(open_kiosk):
    kiosk = open_kiosk().touch("How they work")
    times = kiosk.page.evaluate("""async () => {
        const times = [];
        const count = document.querySelectorAll("#view .list button").length;
        for (let at = 0; at < count; at += 1) {
            const question = document.querySelectorAll("#view .list button")[at];
            const started = performance.now();
            question.click();
            while (!document.querySelector("#view .answer")) await new Promise(requestAnimationFrame);
            times.push(performance.now() - started);
            document.getElementById("back").click();
        }
        return times;
    }""")
    assert len(times) >= 5
    assert statistics.median(times) <= 150, times
