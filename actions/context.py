"""Context: weighs what a question asks for by the treatment that is meant and by the answer before it."""

from __future__ import annotations

from dataclasses import replace

from actions.turn import Candidate, Turn
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge

# How much less likely is what says something about the other treatment only; how much more what follows the last
# answer. Chosen on our own dialogues (docs/understanding.md).
OTHER_TREATMENT, FOLLOWS = 0.3, 1.3


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
    """The turn with its ranking weighed by the treatment that is meant and by what was answered before.

    It stays as it is where no treatment is named and the message is not read in a thread.
    """
    answered = [knowledge.answers[one] for one in turn.slots.get("last_answers") or () if one in knowledge.answers]
    last = answered[-1] if answered and turn.in_thread else None
    if last is None and not turn.therapies:
        return turn
    weighted = [Candidate(one.label, one.score * weight(one.label, last, turn, knowledge)) for one in turn.ranking]
    return replace(turn, ranking=tuple(sorted(weighted, key=lambda candidate: -candidate.score)))


def asked_in_context(turn: Turn, knowledge: Knowledge) -> Turn:
    """The turn with the answer it asks for first in its ranking, and named by its intent.

    Only an answer may turn out to be another one: what is declined stays declined, whatever treatment is meant.
    """
    if turn.best not in knowledge.answers or (turn.asked or turn.intent) == "nlu_fallback":
        return turn
    joined = in_context(turn, knowledge)
    first = next(one for one in joined.ranking if one.label in knowledge.answers)
    intent = first.label.split("/")[0].replace("-", "_")
    ranking = (first, *(one for one in joined.ranking if one.label != first.label))
    return replace(turn, ranking=ranking, asked=intent, intent=intent)
