"""Context: reads a short question by what was just answered: "and where does it come from?" goes on from there."""

from __future__ import annotations

from dataclasses import replace

from actions.turn import Candidate, Turn
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge

# A longer message says by itself what it is about.
SHORT = 8
# How much more likely than by its words alone is what follows the last answer, or belongs to its topic; and how much
# less what says something about the other treatment only. Chosen on our own dialogues (docs/understanding.md).
FOLLOWS, SAME_TOPIC, OTHER_TREATMENT = 2.5, 1.5, 0.3


def treatments_of(answer: Answer, knowledge: Knowledge, turn: Turn) -> set[str]:
    """The treatments that the facts of an answer's words are about; empty where they hold for both."""
    facts = [knowledge.facts[fact] for fact in answer.variant(turn.therapy, turn.condition).facts]
    about = {therapy for fact in facts for therapy in fact.therapy}
    return about if about <= set(THERAPIES) else set()


def weight(candidate: Candidate, last: Answer, turn: Turn, knowledge: Knowledge) -> float:
    """What the thread adds to the belief in a candidate, as a factor."""
    answer = knowledge.answers.get(candidate.label)
    if answer is None:
        return 1.0
    factor = 1.0
    if answer.id in last.ask_next:
        factor = FOLLOWS
    elif answer.topic == last.topic and answer.id != last.id:
        factor = SAME_TOPIC
    about = treatments_of(answer, knowledge, turn)
    if turn.therapy and about and turn.therapy not in about:
        factor *= OTHER_TREATMENT
    return factor


def in_context(turn: Turn, knowledge: Knowledge) -> Turn:
    """The turn with its answers ranked anew by what was answered before; as it is where nothing was, or it is long."""
    answered = [knowledge.answers[one] for one in turn.slots.get("last_answers") or () if one in knowledge.answers]
    if not answered or len(turn.text.split()) > SHORT or turn.best not in knowledge.answers:
        return turn
    weighted = [
        replace(candidate, score=candidate.score * weight(candidate, answered[0], turn, knowledge))
        for candidate in turn.ranking
    ]
    in_order = sorted(weighted, key=lambda candidate: -candidate.score)
    if in_order[0].label not in knowledge.answers:
        return turn
    return replace(turn, ranking=tuple(in_order))
