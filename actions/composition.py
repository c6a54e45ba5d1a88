"""Composition: makes a reply of what the knowledge holds; pure, no database, no tracker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from infusion_guide.contract import (
    FIXED_CHOICES,
    SOMETHING_ELSE,
    About,
    Choice,
    Reply,
    Shown,
    Source,
    choice_id,
)
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge, Review

MAX_CHOICES = 3


def sources_of(knowledge: Knowledge, facts: Iterable[str]) -> tuple[Source, ...]:
    """Document and section of each fact, each once."""
    return tuple(dict.fromkeys(Source(*knowledge.source(fact)) for fact in facts))


def notes_of(
    knowledge: Knowledge, facts: Iterable[str], review: Review, condition: str | None, channel: str
) -> tuple[str, ...]:
    """What must be said of a text: that its facts are about Sjögren's alone, that no clinician has approved it."""
    ids = []
    about = {knowledge.facts[fact].condition for fact in facts}
    if about == {"sjogrens"} and condition not in (None, "sjogrens"):
        ids.append("about_sjogrens")
    if review.state != "approved":
        ids.append("not_reviewed")
    return tuple(knowledge.clinic.fill(knowledge.phrases[phrase_id].text(channel)) for phrase_id in ids)


def choices_of(
    knowledge: Knowledge, ids: Iterable[str], therapy: str | None, condition: str | None, channel: str
) -> tuple[Choice, ...]:
    """The first three of `ids` that are answers, in a patient's words."""
    found = []
    for answer_id in dict.fromkeys(ids):
        answer = knowledge.answers.get(answer_id)
        if answer is not None:
            variant = answer.variant(therapy, condition)
            found.append(Choice(answer.id, answer.question, variant.stated(channel)))
    return tuple(found[:MAX_CHOICES])


def therapy_choices(
    knowledge: Knowledge, answer: Answer, therapy: str | None, condition: str | None, channel: str
) -> tuple[Choice, ...]:
    """The treatments to choose from, where the treatment is unknown and the words differ for each."""
    shown = answer.variant(therapy, condition)
    variants = {each: answer.variant(each, condition) for each in THERAPIES}
    if therapy is not None or any(variant is shown for variant in variants.values()):
        return ()
    return tuple(
        Choice(choice_id(answer.id, each), knowledge.phrases[f"for_{each}"].text(channel), variant.stated(channel))
        for each, variant in variants.items()
    )


def answer_reply(
    knowledge: Knowledge,
    answer: Answer,
    therapy: str | None,
    condition: str | None,
    channel: str,
    alternatives: Iterable[str] = (),
) -> Reply:
    """A curated answer for a therapy and condition, with its sources and what to ask next.

    `alternatives` are ids of other answers that the message may have meant; they come before `ask_next`.
    """
    variant = answer.variant(therapy, condition)
    facts = variant.stated(channel)
    return Reply(
        outcome="answer",
        text=variant.text(channel),
        answers=(Shown(answer.id, facts),),
        choices=(
            *therapy_choices(knowledge, answer, therapy, condition, channel),
            *choices_of(knowledge, [*alternatives, *answer.ask_next], therapy, condition, channel),
        ),
        sources=sources_of(knowledge, facts),
        notes=notes_of(knowledge, facts, answer.review, condition, channel),
        about=About(answer.id, answer.question),
    )


def phrase_reply(
    knowledge: Knowledge,
    phrase_id: str,
    channel: str,
    choices: Iterable[str] = (),
    therapy: str | None = None,
    condition: str | None = None,
    **more: str,
) -> Reply:
    """A fixed phrase of the guide, with choices after it."""
    phrase = knowledge.phrases[phrase_id]
    return Reply(
        outcome=phrase.outcome,
        text=knowledge.clinic.fill(phrase.text(channel), **more),
        choices=choices_of(knowledge, [*choices, *phrase.ask_next], therapy, condition, channel),
    )


def choice_reply(
    knowledge: Knowledge,
    ids: Iterable[str],
    therapy: str | None,
    condition: str | None,
    channel: str,
    phrase_id: str = "clarify",
) -> Reply:
    """A choice of answers that a message may have meant, in a patient's words, and a way out of it."""
    reply = phrase_reply(knowledge, phrase_id, channel, ids, therapy, condition)
    way_out = Choice(SOMETHING_ELSE, knowledge.phrases[FIXED_CHOICES[SOMETHING_ELSE][1]].text(channel), ())
    return replace(reply, choices=(*reply.choices, way_out)) if reply.choices else reply
