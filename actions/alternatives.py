"""Alternatives: the other answers that a message may have meant, and those that it cannot be told between."""

from __future__ import annotations

from actions.composition import MAX_CHOICES
from actions.turn import Turn
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
