"""The custom action of stock Rasa: the curated answer of the intent, out of the guide's own store.

It composes replies as the guide does, so that both are scored alike; what the guide adds beyond a look-up (therapy and
condition from the conversation, several questions, follow-ups) stock Rasa would not have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.alternatives import alternatives
from actions.clinic import ActionClinic
from actions.composition import answer_reply, choice_reply, phrase_reply
from actions.reply import subject_reply
from actions.turn import Candidate, Turn
from benchmarks.stock_labels import ACTION, label_of_intent
from infusion_guide.contract import Reply
from infusion_guide.knowledge.examples import MENTION, REPORT
from infusion_guide.knowledge.schema import Knowledge
from infusion_guide.knowledge.store import KnowledgeStore, open_database
from infusion_guide.safety.advice import triage_reply
from infusion_guide.safety.detector import Detection
from infusion_guide.settings import read_settings

CHANNEL = "web"


@lru_cache(maxsize=1)
def knowledge_store() -> KnowledgeStore:
    """The store of this process, opened when first needed."""
    return KnowledgeStore(open_database(read_settings().database_url))


def turn_of(message: dict[str, Any]) -> Turn:
    """The turn of what Rasa understood: its intents as a ranking of labels.

    A mention of a sign ("my aunt had a fever") is no question: the next intent counts, as the guide goes on to select.
    """
    ranking = tuple(
        Candidate(label_of_intent(intent["name"]), intent["confidence"])
        for intent in message.get("intent_ranking") or ()
        if intent["name"] != "nlu_fallback"
    )
    asked = tuple(candidate for candidate in ranking if not candidate.label.startswith(f"{MENTION}/"))
    intent = (message.get("intent") or {}).get("name") or ""
    return Turn(message.get("text") or "", CHANNEL, intent, asked, (), (), (), {})


def stock_reply(turn: Turn, knowledge: Knowledge) -> Reply:
    """The reply to a turn by its best label; below Rasa's threshold, the nearest answers as choices."""
    if turn.intent == "nlu_fallback" or not turn.ranking:
        nearest = [candidate.label for candidate in turn.ranking if candidate.label in knowledge.answers]
        return choice_reply(knowledge, nearest, None, None, turn.channel, "unsure")
    label = turn.best
    kind, _, name = label.partition("/")
    if label in knowledge.answers:
        others = alternatives(turn, knowledge)
        return answer_reply(knowledge, knowledge.answers[label], None, None, turn.channel, others)
    if kind == REPORT and name in knowledge.warning_signs.signs:
        tier = knowledge.warning_signs.signs[name].tier("unknown")
        if tier is not None:
            detection = Detection(name, tier, "unknown", "learned", False)
            return triage_reply(detection, knowledge.warning_signs, knowledge.clinic, knowledge.phrases, turn.channel)
    if kind == "medical_advice":
        return phrase_reply(knowledge, kind, turn.channel, alternatives(turn, knowledge))
    if kind == "clinic":
        return ActionClinic().reply(turn, knowledge)
    if name in knowledge.subjects:
        return subject_reply(knowledge, knowledge.subjects[name], turn)
    phrase = next((each for each in (label, kind) if each in knowledge.phrases), "unsure")
    return phrase_reply(knowledge, phrase, turn.channel)


class ActionStockAnswer(Action):  # type: ignore[misc]
    """Utters the reply."""

    def name(self) -> str:
        """Its name in the domain."""
        return ACTION

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Look the answer up and utter it."""
        reply = stock_reply(turn_of(tracker.latest_message or {}), knowledge_store().knowledge())
        dispatcher.utter_message(text=reply.text, json_message=reply.custom())
        return []
