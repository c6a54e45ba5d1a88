"""Several questions in one message: each answered in turn, at most three, the rest offered."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Action

from actions.composition import choices_of, phrase_reply
from actions.guide import GuideAction
from actions.reply import asked_reply
from actions.turn import Turn
from infusion_guide.contract import Reply, joined
from infusion_guide.knowledge.schema import Knowledge

MOST_ANSWERED = 3


def in_order(turn: Turn, knowledge: Knowledge) -> list[Turn]:
    """The questions of a message as turns: what can be answered first, and first of all what the whole message says."""

    def rank(one: Turn) -> tuple[bool, bool]:
        return one.best not in knowledge.answers, one.best != turn.best

    # A part of a message is read by its own words.
    turns = [
        replace(turn, intent=one.intent, asked=one.intent, ranking=one.ranking, in_thread=False) for one in turn.several
    ]
    return sorted(turns, key=rank)


class ActionSeveral(GuideAction, Action):  # type: ignore[misc]
    """The replies to the questions of a message, one after the other."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_several"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """At most three replies as one; the questions beyond that are offered as choices."""
        if not turn.several:
            return phrase_reply(knowledge, "unsure", turn.channel)
        turns = in_order(turn, knowledge)
        replies = [asked_reply(one, knowledge) for one in turns[:MOST_ANSWERED]]
        together = joined([replace(reply, choices=()) for reply in replies])
        rest = [one.best for one in turns[MOST_ANSWERED:]]
        shown = {answer.id for answer in together.answers}
        offered = [choice.id for reply in replies for choice in reply.choices if choice.id not in shown]
        choices = choices_of(knowledge, [*rest, *offered], turn.therapy, turn.condition, turn.channel)
        return replace(together, choices=choices)
