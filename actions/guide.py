"""The guide's action: what all actions share: the knowledge, the memory they write, and never falling silent."""

from __future__ import annotations

import logging
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.engine import Engine

from actions.composition import phrase_reply
from actions.turn import Turn, read_turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.files import read_clinic, read_phrases, read_warning_signs
from infusion_guide.knowledge.schema import Knowledge
from infusion_guide.knowledge.store import KnowledgeStore, open_database
from infusion_guide.safety.advice import triage_reply
from infusion_guide.safety.record import SignRecord
from infusion_guide.settings import read_settings

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def database() -> Engine:
    """The database of this process, opened when first needed: Rasa's SDK imports every action at its start."""
    return open_database(read_settings().database_url)


@lru_cache(maxsize=1)
def knowledge_store() -> KnowledgeStore:
    """The store of this process."""
    return KnowledgeStore(database())


@lru_cache(maxsize=1)
def sign_record() -> SignRecord:
    """The record of this process, opened when first needed."""
    return SignRecord(database())


def fallback_knowledge() -> Knowledge:
    """Out of the files, without a single answer: what can still be said while the database is away."""
    folder = read_settings().knowledge
    return Knowledge(
        documents={},
        facts={},
        answers={},
        subjects={},
        phrases=read_phrases(folder / "phrases.yml"),
        warning_signs=read_warning_signs(folder),
        clinic=read_clinic(folder / "clinic.yml"),
    )


def memory(turn: Turn, reply: Reply) -> dict[str, Any]:
    """What the conversation should remember after a reply: slot name → value."""
    slots: dict[str, Any] = {"open_choice": [choice.id for choice in reply.choices]}
    if turn.setting != "unknown":
        slots["setting"] = turn.setting
    if turn.slots.get("triage"):
        # The talk has moved on: a "yes" is no answer about the infusion any more.
        slots |= {"triage": None, "triage_open": False}
    if len(turn.therapies) == 1:
        slots["known_therapy"] = turn.therapies[0]
    if turn.conditions:
        slots["known_condition"] = turn.condition
    if reply.outcome == "answer":
        slots["last_answers"] = [shown.id for shown in reply.answers]
    return slots


def spoken_of(reply: Reply) -> dict[str, Any]:
    """The slot that holds what was spoken of last, in the knowledge's words; nothing where a reply is about nothing."""
    return {"spoken_of": asdict(reply.about)} if reply.about else {}


class GuideAction:
    """What an action of ours is made with: one reply of a turn. The action itself gives `name` and `reply`.

    No subclass of rasa_sdk's Action: its executor registers every subclass as an action, a base class too.
    """

    def name(self) -> str:
        """The action's name in domain.yml."""
        raise TypeError(f"{type(self).__name__} has no name")

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The reply to a turn."""
        raise TypeError(f"{type(self).__name__} says nothing: it must override reply()")

    def remembers(self, turn: Turn, reply: Reply) -> dict[str, Any]:
        """The slots to set after the reply."""
        return memory(turn, reply)

    def falls_back(self, turn: Turn | None) -> Reply:
        """What is still said when the reply could not be made: a warning sign's advice, else the care team's number."""
        knowledge, channel = fallback_knowledge(), turn.channel if turn else "web"
        if turn is not None and turn.detection is not None:
            sign_record().add(turn.detection, channel)
            return triage_reply(turn.detection, knowledge.warning_signs, knowledge.clinic, knowledge.phrases, channel)
        return phrase_reply(knowledge, "error", channel)

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter the reply and remember; whatever fails, the person gets words and a phone number."""
        turn = None
        try:
            turn = read_turn(tracker)
            knowledge = knowledge_store().knowledge()
            reply = self.reply(turn, knowledge)
            slots = self.remembers(turn, reply) | spoken_of(reply)
        except Exception:
            # Rasa would log the error, go on, and say nothing (rasa.core.processor._run_action; issue 5588).
            logger.exception("action %s failed; the person is given the care team's number", self.name())
            reply, slots = self.falls_back(turn), {}
        dispatcher.utter_message(text=reply.text, json_message=reply.custom())
        return [SlotSet(name, value) for name, value in slots.items()]
