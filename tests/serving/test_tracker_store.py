import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from infusion_guide.knowledge.store import open_database
from infusion_guide.serving.tracker_store import TURNS_KEPT, BriefTrackerStore, event_from, without_words
from tests.conftest import ROOT

SECRET = "my tongue feels odd, says Mary"


def run(coroutine):
    return asyncio.run(coroutine)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDE_ROOT", str(ROOT))
    url = f"sqlite:///{tmp_path / 'c.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return BriefTrackerStore(Domain.load(str(ROOT / "domain.yml")), engine=open_database(url))


def turn(tracker, text, therapy=None):
    tracker.update(ActionExecuted("action_listen"))
    entities = [{"entity": "therapy", "value": "ivig", "role": "explicit", "start": 0, "end": 4}]
    tracker.update(UserUttered(text, {"name": "dosing", "confidence": 0.9}, entities))
    tracker.update(ActionExecuted("action_answer"))
    if therapy:
        tracker.update(SlotSet("known_therapy", therapy))
    tracker.update(BotUttered(f"You said {text}", {"custom": {"text": text}}))


def tracker_with(store, turns, therapy=None):
    tracker = DialogueStateTracker.from_events("someone", [], store.domain.slots)
    for number in range(turns):
        turn(tracker, SECRET, therapy if number == 0 else None)
    tracker.update(ActionExecuted("action_listen"))
    return tracker


def test_what_a_person_wrote_is_not_kept(store):
    run(store.save(tracker_with(store, 3)))
    with store._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM conversation").all()
    assert rows
    assert "tongue" not in str(rows)
    assert "Mary" not in str(rows)


def test_what_was_understood_is_kept(store):
    run(store.save(tracker_with(store, 2)))
    found = run(store.retrieve("someone"))
    assert found.latest_message.intent["name"] == "dosing"
    assert found.latest_message.entities[0]["value"] == "ivig"


def test_only_the_last_turns_are_kept_and_slots_outlive_them(store):
    run(store.save(tracker_with(store, 200, therapy="ivig")))
    found = run(store.retrieve("someone"))
    assert sum(isinstance(event, UserUttered) for event in found.events) == TURNS_KEPT
    assert found.get_slot("known_therapy") == "ivig"


def test_every_event_comes_back_as_it_would_from_rasa(store):
    for event in tracker_with(store, 1, therapy="ivig").events:
        content = without_words(event)
        assert event_from(content) == Event.from_parameters(dict(content))


def test_a_deleted_conversation_is_gone(store):
    run(store.save(tracker_with(store, 1)))
    run(store.delete("someone"))
    assert run(store.retrieve("someone")) is None


def test_an_unknown_conversation_is_none(store):
    assert run(store.retrieve("nobody")) is None
