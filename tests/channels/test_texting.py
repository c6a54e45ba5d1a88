"""What follows a text message when the parts around it fail, and that a terminal shows what a phone shows."""

import asyncio
import copy
import sqlite3
import time

import pytest

from infusion_guide.channels import sms
from infusion_guide.channels.intake import Incoming
from infusion_guide.channels.sms import ClosedSmsDoor, SmsDoor, providers_of, texting_for
from infusion_guide.channels.text_provider import TextMessage
from infusion_guide.channels.text_store import Sender, TextStore
from infusion_guide.channels.twilio_webhook import TwilioWebhook
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from infusion_guide.serving.asking import replies_to
from infusion_guide.serving.guide import AgentThread
from infusion_guide.settings import TextSettings, read_settings
from tests.conftest import ROOT
from tests.safety.test_watch import BrokenAgent

KEY, WEBHOOK = "k" * 32, TwilioWebhook("token", "https://guide.example.org/webhooks/sms/twilio")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "texts.db"


@pytest.fixture
def door(guide, path):
    """The door on a database of its own, without a server around it."""
    engine = open_database(f"sqlite:///{path}")
    migrate(engine, ROOT / "migrations")
    return SmsDoor(guide.texting, TextStore(engine, KEY), [WEBHOOK])


def says(door, words, agent, sid=None):
    message = TextMessage(sid or f"SM{time.monotonic_ns()}", "+15550100001", words)
    started = time.monotonic()
    shown = asyncio.run(door._reply(WEBHOOK, message, agent.handle_message))
    return shown, time.monotonic() - started


def test_a_database_without_tables_leaves_nobody_without_a_reply(guide, tmp_path):
    door = SmsDoor(guide.texting, TextStore(open_database(f"sqlite:///{tmp_path / 'none.db'}"), KEY), [WEBHOOK])
    assert "hours" in says(door, "how long does it take?", guide.agent)[0]
    assert says(door, "i cant breathe", guide.agent)[0].startswith("Get help now")
    shown, _ = says(door, "STOP", guide.agent)
    assert "could not note that" in shown
    assert "555-0100" in shown


def test_a_locked_database_does_not_keep_the_reply_back(door, guide, path, monkeypatch, caplog):
    monkeypatch.setattr(sms, "DATABASE_SECONDS", 0.3)
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    shown, seconds = says(door, "i cant breathe", guide.agent)
    lock.execute("ROLLBACK")
    assert shown.startswith("Get help now")
    assert seconds < 8
    assert "could not be used" in caplog.text
    assert "breathe" not in caplog.text


@pytest.mark.parametrize("way", ["raises", "waits", "blocks", "says nothing"])
def test_there_is_a_reply_in_time_when_rasa(door, monkeypatch, way):
    monkeypatch.setattr(sms, "REPLY_SECONDS", 0.6)
    agent = AgentThread(BrokenAgent(way))
    shown, seconds = says(door, "how long does it take?", agent)
    assert "I can't answer right now" in shown
    assert seconds < 3
    shown, seconds = says(door, "my throat is closing and i can't breathe", agent)
    assert shown.startswith("Get help now: call 911.")
    assert seconds < 3


def test_the_time_for_all_of_it_is_within_ten_seconds():
    assert sms.REPLY_SECONDS + 2 * sms.LAST_SECONDS + sms.DATABASE_SECONDS < 10


def test_keywords_need_no_rasa(door):
    agent = AgentThread(BrokenAgent("raises"))
    assert "rates may apply" in says(door, "HELP", agent)[0]
    assert "no more texts" in says(door, "STOP", agent)[0]
    assert says(door, "how long does it take?", agent)[0] is None
    assert says(door, "my throat is closing and i can't breathe", agent)[0].startswith("Get help now")
    assert "Text STOP to end" in says(door, "START", agent)[0]


def test_a_try_waits_for_the_one_that_is_answering(door, guide):
    async def twice():
        message = TextMessage("SM-twice", "+15550100001", "how long does it take?")
        return await asyncio.gather(*(door._reply(WEBHOOK, message, guide.agent.handle_message) for _ in range(2)))

    first, second = asyncio.run(twice())
    assert first == second
    assert "hours" in first


class Alarmed:
    """Stands in for a detector that sees an emergency in everything."""

    def __init__(self, watch):
        self._watch = watch

    def detect(self, _, setting):
        return self._watch.detect("i cant breathe", setting)


def test_an_opt_out_in_other_words_that_tells_of_a_sign_is_no_opt_out(guide):
    intake = copy.copy(guide.intake)
    texting = texting_for(intake, read_settings())

    def stops(words):
        incoming = Incoming(words, f"texting-{time.monotonic_ns()}", "sms")
        return asyncio.run(texting.answer(incoming, Sender(), guide.agent.handle_message)).sender.opted_out

    assert stops("please stop texting me")
    intake.watch = Alarmed(guide.intake.watch)
    assert not stops("please stop texting me")
    assert stops("STOP"), "a carrier's word alone tells of nothing"


def ask(guide, *messages, channel="sms"):
    return asyncio.run(replies_to(guide, {"turns": [{"user": words} for words in messages], "channel": channel}))[
        "turns"
    ]


def test_a_set_with_text_messages_is_answered_as_a_phone_shows_it(guide, door):
    words = ("how long does it take?", "1", "MORE", "HELP", "9", "STOP", "hello", "START", "i cant breathe")
    turns = ask(guide, *words)
    assert [turn["text"] for turn in turns] == [says(door, one, guide.agent)[0] or "" for one in words]
    assert turns[0]["answers"][0]["id"] == "during-infusion/length"
    assert turns[1]["answers"][0]["id"] == turns[0]["choices"][0]["id"].partition("@")[0]
    assert (turns[6]["text"], list(turns[6]["answers"])) == ("", [])
    assert turns[8]["tier"] == "emergency"


def test_on_the_web_a_digit_is_only_a_word(guide):
    assert "Reply 1" not in ask(guide, "how long does it take?", channel="web")[0]["text"]


def test_without_a_provider_the_door_is_closed(monkeypatch):
    for name in ("GUIDE_TWILIO_TOKEN", "GUIDE_SMS_URL", "GUIDE_SMS_JSON_SECRET", "GUIDE_SMS_KEY"):
        monkeypatch.delenv(name, raising=False)
    door = SmsDoor.from_credentials(None)
    assert isinstance(door, ClosedSmsDoor)
    assert door.blueprint(None).routes == []


def test_each_provider_is_switched_on_by_its_own_secret():
    names = [
        [provider.name for provider in providers_of(TextSettings(KEY, url="https://g.example/x", **secrets))]
        for secrets in ({"twilio_token": "t"}, {"json_secret": "j"}, {"twilio_token": "t", "json_secret": "j"})
    ]
    assert names == [["twilio"], ["json"], ["twilio", "json"]]
