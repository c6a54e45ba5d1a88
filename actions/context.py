"""Context: reads a short question by what was just answered: "and where does it come from?" goes on from there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from actions.alternatives import SURE
from actions.turn import Candidate, Turn
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge

# How much the words together with what was spoken of count, beside the words alone; how much less likely than by its
# words is the answer just given, and what says something about the other treatment only; how much more what follows
# the last answer. Chosen on our own dialogues (docs/understanding.md).
TOGETHER, SAID_ALREADY, OTHER_TREATMENT, FOLLOWS = 0.5, 0.5, 0.3, 1.3
DECLINES = ("not_covered", "medical_advice")
# What a question may turn out to ask for besides an answer. Small talk and the turns of a conversation are not among
# them: what reads like a question by its words is none of these.
_ASKS = (*DECLINES, "clinic", "handoff", "privacy", "off_topic")
# Where declines have this share of an answer's belief, the decline stands; the selection has its own limit (`doubt`).
DOUBT = 0.5


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


def _goes_on(joined: Turn, first: Candidate, knowledge: Knowledge) -> bool:
    """Whether the thread leads from a subject that is not covered to an answer: another one than was just given."""
    said = joined.slots.get("last_answers") or ()
    if not joined.in_thread or first.label not in knowledge.answers or first.label in said:
        return False
    declined = sum(one.score for one in joined.ranking if one.label.split("/")[0] in DECLINES)
    return first.score >= SURE and declined < DOUBT * first.score


def asked_in_context(turn: Turn, knowledge: Knowledge) -> Turn:
    """The turn with what it asks for in the light of the thread, first in its ranking and named by its intent.

    An answer by the words alone may turn out to be another, or something that is not covered, or advice; a subject that
    is not covered by the words alone may turn out to be an answer that stands out clearly. A verdict on a person's own
    case is never read as anything else, whatever was spoken of before.
    """
    intent = turn.asked or turn.intent
    answerable = turn.best in knowledge.answers and intent != "nlu_fallback"
    declined = intent in DECLINES
    if not (answerable or declined) or not turn.ranking:
        return turn
    joined = in_context(turn, knowledge)
    asks = [one for one in joined.ranking if one.label in knowledge.answers or one.label.split("/")[0] in _ASKS]
    first = asks[0] if asks else turn.ranking[0]
    if declined and not (intent == "not_covered" and _goes_on(joined, first, knowledge)):
        first = turn.ranking[0]
    if first.label != turn.best:
        intent = first.label.split("/")[0]
        intent = intent.replace("-", "_") if first.label in knowledge.answers else intent
    ranking = (first, *(one for one in joined.ranking if one.label != first.label))
    return replace(turn, ranking=ranking, asked=intent, intent=intent)
