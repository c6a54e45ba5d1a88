"""What operating adds around a turn: the switch of a door, a message answered once, limits, counts, kept questions."""

import asyncio
import time
import uuid

import pytest

from infusion_guide.channels.intake import Incoming
from infusion_guide.channels.operated import OperatedIntake, over_limit
from infusion_guide.channels.web import WebOutput
from infusion_guide.contract import Reply
from infusion_guide.coordination.connection import SharedStore
from infusion_guide.coordination.keys import KeyStore
from infusion_guide.coordination.once import Once
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from infusion_guide.operation.doors import DoorSwitches, switch
from infusion_guide.operation.metrics import Metrics
from infusion_guide.privacy.unanswered import UnansweredQuestions
from tests.conftest import ROOT

SIGN = "my throat is closing and i can't breathe"


class Rasa:
    """Stands in for the agent: says one reply, and counts how often it was asked."""

    def __init__(self, outcome="answer"):
        self.asked, self._reply = 0, Reply(outcome=outcome, text="Some words.")

    async def __call__(self, message):
        self.asked += 1
        await message.output_channel.send_custom_json("x", self._reply.custom())


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'o.db'}")
    migrate(engine, ROOT / "migrations")
    return engine


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def intake(knowledge, watch, engine, metrics):
    return OperatedIntake(
        knowledge.phrases,
        knowledge.clinic,
        knowledge.warning_signs,
        max_characters=1000,
        reply_seconds=2.0,
        question_of=lambda _: None,
        watch=watch,
        switches=DoorSwitches(engine, fresh_seconds=0),
        once=Once(KeyStore(SharedStore(None))),
        metrics=metrics,
        unanswered=UnansweredQuestions(engine),
    )


def reply_to(intake, text, rasa, door="web", message_id=None):
    incoming = Incoming(text, f"c-{uuid.uuid4().hex}", door, message_id=message_id)
    return intake.reply(incoming, WebOutput(), rasa)


def ask(*arguments, **named):
    return asyncio.run(reply_to(*arguments, **named))


@pytest.mark.parametrize("door", ["web", "kiosk", "sms"])
def test_a_door_that_is_off_gives_the_phone_number_and_meets_signs(intake, engine, door):
    switch(engine, door, False)
    rasa = Rasa()
    reply = ask(intake, "how long does it take", rasa, door)
    assert (reply.outcome, rasa.asked) == ("handoff", 0)
    assert "555-0100" in reply.text
    assert "switched off" in intake.phrase("welcome", door).text
    assert ask(intake, SIGN, rasa, door).tier == "emergency"
    switch(engine, door, True)
    assert ask(intake, "how long does it take", rasa, door).outcome == "answer"


def test_the_other_doors_stay_open(intake, engine):
    switch(engine, "sms", False)
    assert ask(intake, "how long does it take", Rasa(), "web").outcome == "answer"


def test_over_the_limit_of_an_address_signs_are_still_met(intake):
    rasa = Rasa()
    token = over_limit.set(True)
    try:
        assert "wait a moment" in ask(intake, "how long does it take", rasa).text
        assert ask(intake, SIGN, rasa).tier == "emergency"
    finally:
        over_limit.reset(token)
    assert rasa.asked == 0


def test_a_message_sent_again_is_answered_once(intake):
    rasa = Rasa()
    incoming = Incoming("how long does it take", "c-1", "web", message_id="message-1")
    replies = [asyncio.run(intake.reply(incoming, WebOutput(), rasa)) for _ in range(2)]
    assert replies[0] == replies[1]
    assert rasa.asked == 1


def test_the_same_id_in_another_conversation_is_another_message(intake):
    rasa = Rasa()
    for _ in range(2):
        ask(intake, "how long does it take", rasa, message_id="message-1")
    assert rasa.asked == 2


def test_an_error_may_be_tried_again(intake):
    async def broken(_):
        raise RuntimeError("away")

    incoming = Incoming("how long does it take", "c-1", "web", message_id="message-1")
    assert asyncio.run(intake.reply(incoming, WebOutput(), broken)).outcome == "error"
    assert asyncio.run(intake.reply(incoming, WebOutput(), Rasa())).outcome == "answer"


def test_who_sends_too_much_is_read_by_the_rules_alone_where_the_address_does_too(intake, watch, metrics):
    class Unread:
        by_rules = staticmethod(watch.by_rules)

        def detect(self, *_):
            raise AssertionError("read in full")

    def too_fast(text):
        return asyncio.run(intake.too_fast(Incoming(text, "c-1", "web")))

    assert (too_fast("hi").outcome, too_fast(SIGN).tier) == ("error", "emergency")
    intake.watch = Unread()
    token = over_limit.set(True)
    try:
        assert ("wait a moment" in too_fast("hi").text, too_fast(SIGN).tier) == (True, "emergency")
    finally:
        over_limit.reset(token)
    assert 'guide_turns_total{door="web",outcome="triage"} 2.0' in metrics.rendered().decode()


def test_in_a_crowd_a_message_is_answered_at_once_and_its_sign_is_met(intake, metrics):
    rasa = Rasa()

    async def crowd():
        waiting, go = asyncio.Event(), asyncio.Event()
        met = []

        async def slow(message):
            met.append(message)
            waiting.set()
            await go.wait()
            await rasa(message)

        many = [asyncio.ensure_future(reply_to(intake, "how long", slow)) for _ in range(50)]
        await waiting.wait()
        started = time.monotonic()
        later = [await reply_to(intake, words, slow) for words in ("how long", SIGN)]
        seconds = time.monotonic() - started
        go.set()
        return met, later, seconds, await asyncio.gather(*many)

    met, (plain, sign), seconds, first = asyncio.run(crowd())
    assert 10 < len(met) < 50, "as many as get their turn in time"
    assert (plain.outcome, sign.outcome, sign.tier) == ("error", "triage", "emergency")
    assert seconds < 1
    assert [reply.outcome for reply in first].count("answer") == len(met)
    assert 'guide_refused_total{what="crowd"}' in metrics.rendered().decode()
    assert ask(intake, "how long", rasa).outcome == "answer"


def test_turns_signs_and_unanswered_are_counted(intake, metrics):
    ask(intake, "how long does it take", Rasa())
    ask(intake, "can I dive", Rasa("defer"))
    ask(intake, SIGN, broken := Rasa("triage"))
    assert broken.asked == 1
    text = metrics.rendered().decode()
    assert 'guide_turns_total{door="web",outcome="answer"} 1.0' in text
    assert 'guide_unanswered_total{door="web"} 1.0' in text
    assert 'guide_turn_seconds_count{door="web"} 3.0' in text


def kept(engine):
    return [question.text for question in UnansweredQuestions(engine).all()]


def test_only_what_was_left_open_is_kept_and_redacted(intake, engine):
    ask(intake, "how long does it take", Rasa())
    ask(intake, "I'm Mary Jones, can I dive", Rasa("defer"))
    deadline = time.monotonic() + 5
    while not kept(engine) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert kept(engine) == ["I'm [name], can I dive"]


def test_a_count_that_fails_does_not_cost_the_reply(intake, monkeypatch):
    def broken(*_):
        raise RuntimeError("no metrics")

    monkeypatch.setattr(intake, "_note", broken)
    assert ask(intake, "how long does it take", Rasa()).outcome == "answer"
