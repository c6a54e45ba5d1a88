"""Answers: shows the curated answer that a question asks for."""

from __future__ import annotations

from rasa_sdk import Action

from actions.guide import GuideAction
from actions.reply import asked_reply
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge


class ActionAnswer(GuideAction, Action):  # type: ignore[misc]
    """The best answer of the ranking, for the therapy and condition that are meant."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_answer"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The answer; where the thread tells of a subject that is not covered, or of another kind, that one's reply."""
        return asked_reply(turn, knowledge)
