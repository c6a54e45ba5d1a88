"""Answers: shows the curated answer that a question asks for."""

from __future__ import annotations

from rasa_sdk import Action

from actions.composition import answer_reply, phrase_reply
from actions.guide import GuideAction
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge

# Another answer is offered beside the one shown when at least this share of belief is on it.
WORTH_OFFERING = 0.005


def alternatives(turn: Turn, knowledge: Knowledge) -> list[str]:
    """Ids of the other answers that the message may well have meant, best first."""
    return [
        candidate.label
        for candidate in turn.ranking[1:]
        if candidate.label in knowledge.answers and candidate.score >= WORTH_OFFERING
    ]


class ActionAnswer(GuideAction, Action):  # type: ignore[misc]
    """The best answer of the ranking, for the therapy and condition that are meant."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_answer"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The answer, or the choice of the nearest ones when the best label is no answer that the database holds."""
        answer = knowledge.answers.get(turn.best)
        if answer is None:
            return phrase_reply(knowledge, "unsure", turn.channel, alternatives(turn, knowledge))
        return answer_reply(
            knowledge, answer, turn.therapy, turn.condition, turn.channel, alternatives(turn, knowledge)
        )
