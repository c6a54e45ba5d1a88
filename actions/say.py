"""Small talk and the like: greetings, thanks, handing over to a person, privacy, off topic."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Action

from actions.composition import choice_reply, phrase_reply
from actions.guide import GuideAction
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge
from infusion_guide.settings import read_settings


class ActionSay(GuideAction, Action):  # type: ignore[misc]
    """Says the fixed phrase that bears the name of the label, or of its intent."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_say"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The phrase."""
        label = turn.best if turn.best in knowledge.phrases else turn.asked or turn.intent
        # What is said of privacy must be true of this clinic.
        if f"{label}/kept" in knowledge.phrases and read_settings().keep_unanswered:
            label = f"{label}/kept"
        return phrase_reply(knowledge, label if label in knowledge.phrases else "unsure", turn.channel)


class ActionHandoff(GuideAction, Action):  # type: ignore[misc]
    """Hands over to a person: whom to call depends on whether the clinic is open."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_handoff"

    def reply(self, turn: Turn, knowledge: Knowledge, now: datetime | None = None) -> Reply:
        """The care team's number, or the one for after hours."""
        is_open = knowledge.clinic.is_open(now or datetime.now(timezone.utc))
        return phrase_reply(knowledge, "handoff" if is_open else "handoff_closed", turn.channel)


class ActionUnsure(GuideAction, Action):  # type: ignore[misc]
    """Says that nothing fits well, with the nearest answers to choose from."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_unsure"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The apology and up to three choices."""
        nearest = [candidate.label for candidate in turn.ranking if candidate.label in knowledge.answers]
        return choice_reply(knowledge, nearest, turn.therapy, turn.condition, turn.channel, "unsure")


class ActionStartOver(ActionSay):
    """Forgets what the conversation was about."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_start_over"

    def remembers(self, turn: Turn, reply: Reply) -> dict[str, Any]:
        """Everything forgotten but the choices just offered."""
        return {
            "known_therapy": None,
            "known_condition": None,
            "last_answers": None,
            "spoken_of": None,
            "setting": None,
            "triage": None,
            "triage_open": False,
            "open_choice": [choice.id for choice in reply.choices],
        }
