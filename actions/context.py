"""Context: reads a short question by what was just answered: "and where does it come from?" goes on from there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from actions.turn import Candidate, Turn
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge

# How much the words together with what was spoken of count, beside the words alone; how much less likely than by its
# words is the answer just given, and what says something about the other treatment only; how much more what follows
# the last answer. Chosen on our own dialogues (docs/understanding.md).
TOGETHER, SAID_ALREADY, OTHER_TREATMENT, FOLLOWS = 0.5, 0.5, 0.3, 1.3


def treatments_of(answer: Answer, knowledge: Knowledge, turn: Turn) -> set[str]:
    """The treatments that the facts of an answer's words are about; empty where they hold for both."""
    facts = [knowledge.facts[fact] for fact in answer.variant(turn.therapy, turn.condition).facts]
    about = {therapy for fact in facts for therapy in fact.therapy}
    return about if about <= set(THERAPIES) else set()


def weight(label: str, last: Answer | None, turn: Turn, knowledge: Knowledge) -> float:
    """What the treatment that is meant, and the answer before, add to the belief in a label, as a factor."""
    answer = knowledge.answers.get(label)
    if answer is None:
        return 1.0
    factor = FOLLOWS if last is not None and answer.id in last.ask_next else 1.0
    about = treatments_of(answer, knowledge, turn)
    if turn.therapy and about and turn.therapy not in about:
        factor *= OTHER_TREATMENT
    return factor


def in_context(turn: Turn, knowledge: Knowledge) -> Turn:
    """The turn with its ranking joined with that of the thread, and weighed by the treatment that is meant.

    It stays as it is where nothing was answered before, or the message is long, and no treatment is named.
    """
    answered = [knowledge.answers[one] for one in turn.slots.get("last_answers") or () if one in knowledge.answers]
    last = answered[-1] if answered and turn.in_thread else None
    if last is None and not turn.therapies:
        return turn
    together = TOGETHER if last is not None else 0.0
    beliefs: dict[str, float] = defaultdict(float)
    for candidate in turn.ranking:
        beliefs[candidate.label] += (1 - together) * candidate.score
    for candidate in turn.in_thread:
        said = SAID_ALREADY if last is not None and candidate.label == last.id else 1.0
        beliefs[candidate.label] += together * candidate.score * said
    weighted = [Candidate(label, score * weight(label, last, turn, knowledge)) for label, score in beliefs.items()]
    return replace(turn, ranking=tuple(sorted(weighted, key=lambda candidate: -candidate.score)))
