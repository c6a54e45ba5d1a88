import asyncio
import threading
import time

import pytest

from infusion_guide.channels.intake import Incoming, Intake, cleaned
from infusion_guide.channels.web import WebOutput
from infusion_guide.contract import Reply
from infusion_guide.knowledge.files import read_clinic, read_phrases, read_warning_signs
from infusion_guide.safety.watch import Watch
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def watch():
    """Rules alone: there is no model here."""
    return Watch(read_warning_signs(ROOT / "knowledge"))


@pytest.fixture
def intake(watch):
    return Intake(
        read_phrases(ROOT / "knowledge" / "phrases.yml"),
        read_clinic(ROOT / "knowledge" / "clinic.yml"),
        read_warning_signs(ROOT / "knowledge"),
        max_characters=1000,
        reply_seconds=0.2,
        question_of={"premedication/why": "Why the tablets?"}.get,
        watch=watch,
    )


def send(intake, text, rasa, choice=None):
    output = WebOutput()

    async def on_new_message(message):
        await rasa(message)

    return asyncio.run(intake.reply(Incoming(text, "someone", "web", choice=choice), output, on_new_message))


class Rasa:
    """Stands in for the outside world behind the intake: records what reaches it and answers, fails or hangs."""

    def __init__(self, does="answer"):
        self.does, self.messages = does, []

    async def __call__(self, message):
        self.messages.append(message)
        if self.does == "raise":
            raise RuntimeError("broken")
        if self.does == "hang":
            await asyncio.sleep(60)
        if self.does == "answer":
            await message.output_channel.send_custom_json("someone", Reply("answer", "Several hours.").custom())


def test_a_message_reaches_rasa_and_its_reply_comes_back(intake):
    rasa = Rasa()
    assert send(intake, "how long?", rasa).text == "Several hours."
    assert rasa.messages[0].text == "how long?"


@pytest.mark.parametrize("does", ["raise", "hang", "silent"])
def test_when_rasa_fails_the_person_gets_a_number(intake, does):
    reply = send(intake, "how long?", Rasa(does))
    assert reply.outcome == "error"
    assert "555-0100" in reply.text


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200d", "\x00\x07", "////"])
def test_nothing_to_read_gets_a_calm_reply_without_rasa(intake, text):
    rasa = Rasa()
    assert send(intake, text, rasa).outcome == "clarify"
    assert rasa.messages == []


def test_five_thousand_characters_get_a_calm_reply_without_rasa(intake):
    rasa = Rasa()
    assert "short question" in send(intake, "a" * 5000, rasa).text
    assert rasa.messages == []


@pytest.mark.parametrize(
    "text", ["/restart", '/premedication{"x":1}', "  //session_start", "\u200b/restart", "／restart"]
)
def test_no_command_reaches_rasa(intake, text):
    rasa = Rasa()
    send(intake, text, rasa)
    assert not rasa.messages[0].text.startswith("/")


def test_identifiers_do_not_reach_rasa(intake):
    rasa = Rasa()
    send(intake, "my name is Mary Smith, 555-867-5309, how long?", rasa)
    assert "Smith" not in rasa.messages[0].text
    assert "5309" not in rasa.messages[0].text


def test_a_choice_that_the_guide_offers_needs_no_guessing(intake):
    rasa = Rasa()
    send(intake, "Why the tablets?", rasa, choice="premedication/why")
    assert rasa.messages[0].parse_data["answer_ranking"][0]["label"] == "premedication/why"


@pytest.mark.parametrize("choice", ["premedication/other", "/restart", "action_listen", "x" * 500])
def test_a_choice_that_the_guide_does_not_know_is_only_text(intake, choice):
    rasa = Rasa()
    send(intake, "Why the tablets?", rasa, choice=choice)
    assert rasa.messages[0].parse_data is None


def test_a_choice_without_words_is_its_own_question(intake):
    rasa = Rasa()
    send(intake, "", rasa, choice="premedication/why")
    assert rasa.messages[0].text == "Why the tablets?"
    assert rasa.messages[0].parse_data["answer_ranking"][0]["label"] == "premedication/why"


def test_words_beside_a_choice_are_read(intake):
    rasa = Rasa()
    send(intake, "my throat is closing", rasa, choice="premedication/why")
    assert rasa.messages[0].parse_data is None


def test_cleaning_keeps_what_a_person_wrote():
    assert cleaned("  Sjögren’s:\n what  now? 😟 ") == "Sjögren’s: what now? 😟"


SIGN = "my throat is closing and i can't breathe"


class Counting:
    """Reads by the rules, slowly, and counts how often it is asked."""

    def __init__(self, watch, seconds=0.0):
        self._watch, self._seconds, self.threads = watch, seconds, []
        self.by_rules = watch.by_rules

    def detect(self, text, setting):
        self.threads.append(threading.current_thread())
        time.sleep(self._seconds)
        return self._watch.detect(text, setting)


@pytest.mark.parametrize("does", ["raise", "hang", "silent"])
def test_a_message_is_read_for_signs_once_and_off_the_servers_loop(intake, watch, does):
    intake.watch = Counting(watch)
    incoming = Incoming("how long?", "someone", "web")

    async def twice():
        replies = [await intake.reply(incoming, WebOutput(), Rasa(does)), await intake.without_rasa(incoming, "error")]
        return [reply.outcome for reply in replies]

    assert asyncio.run(twice()) == ["error", "error"]
    assert len(intake.watch.threads) == 1
    assert intake.watch.threads[0] is not threading.main_thread()


@pytest.mark.parametrize(("text", "outcome"), [(SIGN, "triage"), ("how long?", "error")])
def test_where_reading_takes_too_long_the_rules_alone_look(intake, watch, text, outcome):
    intake.watch = Counting(watch, seconds=0.6)
    started = time.monotonic()
    reply = asyncio.run(intake.without_rasa(Incoming(text, "someone", "web"), "error", 0.1))
    assert reply.outcome == outcome
    assert time.monotonic() - started < 0.5


def test_in_a_crowd_a_sign_in_plain_words_does_not_wait_for_the_reader(intake, watch, monkeypatch):
    monkeypatch.setattr("infusion_guide.channels.intake.READ_SECONDS", 0.1)
    intake.watch = Counting(watch, seconds=0.3)

    async def crowd():
        others = [
            asyncio.ensure_future(intake.detect("how long?", Incoming("how long?", "other", "web"), 5))
            for _ in range(9)
        ]
        started = time.monotonic()
        detection = await intake.detect(SIGN, Incoming(SIGN, "someone", "web"), 5)
        seconds = time.monotonic() - started
        for other in others:
            other.cancel()
        return detection, seconds

    detection, seconds = asyncio.run(crowd())
    assert detection.tier == "emergency"
    assert seconds < 1
