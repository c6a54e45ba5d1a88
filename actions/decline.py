"""Declining: what the documents leave open, and what only the care team can judge."""

from __future__ import annotations

from rasa_sdk import Action

from actions.guide import GuideAction
from actions.reply import asked_reply
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge


class ActionNotCovered(GuideAction, Action):  # type: ignore[misc]
    """Says that the documents leave a subject open."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_not_covered"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The subject's reply; the answer that a short question goes on to where the thread tells of one."""
        return asked_reply(turn, knowledge)


class ActionMedicalAdvice(GuideAction, Action):  # type: ignore[misc]
    """Declines to judge a person's own case."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_medical_advice"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The care team's number and what the documents say in general; more of it as a choice."""
        return asked_reply(turn, knowledge)
