"""Answers: shows the curated answer that a question asks for."""

from __future__ import annotations

from rasa_sdk import Action

from actions.composition import MAX_CHOICES, answer_reply, choice_reply, phrase_reply
from actions.context import in_context
from actions.guide import GuideAction
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge

# Another answer is offered beside the one shown when at least this share of belief is on it.
WORTH_OFFERING = 0.005
# Below SURE the best answer stands out only if no other has CLOSE times its belief (docs/understanding.md).
SURE, CLOSE = 0.35, 0.85


def alternatives(turn: Turn, knowledge: Knowledge) -> list[str]:
    """Ids of the other answers that the message may well have meant, best first."""
    return [
        candidate.label
        for candidate in turn.ranking[1:]
        if candidate.label in knowledge.answers and candidate.score >= WORTH_OFFERING
    ]


def close_answers(turn: Turn, knowledge: Knowledge) -> list[str]:
    """Ids of the answers between which the message cannot be told; empty where the best stands out."""
    best = turn.ranking[0].score if turn.ranking else 0.0
    if best >= SURE:
        return []
    close = [
        candidate.label
        for candidate in turn.ranking[:MAX_CHOICES]
        if candidate.label in knowledge.answers and candidate.score >= CLOSE * best
    ]
    return close if len(close) > 1 else []


class ActionAnswer(GuideAction, Action):  # type: ignore[misc]
    """The best answer of the ranking, for the therapy and condition that are meant."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_answer"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The answer; a choice where several are as likely, or where the best label is none that the database holds."""
        turn = in_context(turn, knowledge)
        others = alternatives(turn, knowledge)
        answer = knowledge.answers.get(turn.best)
        if answer is None:
            return phrase_reply(knowledge, "unsure", turn.channel, others)
        close = close_answers(turn, knowledge)
        if close:
            return choice_reply(knowledge, close, turn.therapy, turn.condition, turn.channel)
        return answer_reply(knowledge, answer, turn.therapy, turn.condition, turn.channel, others)
