"""Texting: what one text message leads to: keywords, choices, MORE and opt-out around the intake's answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rasa.core.channels.channel import CollectingOutputChannel

from infusion_guide.channels.intake import Incoming, Intake, OnNewMessage, cleaned
from infusion_guide.channels.keywords import HELP, MORE, START, STOP, Keyword, chosen, keyword
from infusion_guide.channels.text_messages import TextMessages
from infusion_guide.channels.text_store import Sender
from infusion_guide.contract import Reply
from infusion_guide.coordination.limits import Limiter
from infusion_guide.safety.advice import NOTHING_ELSE

DOOR = "sms"
# How long a message may still be read for warning signs when the time for its answer is over.
LAST_SECONDS = 0.3


class SmsOutput(CollectingOutputChannel):  # type: ignore[misc]
    """Collects the reply of a turn; its name, not the input channel's, chooses channel variations (rasa.md, 4.2)."""

    @classmethod
    def name(cls) -> str:
        """Its name."""
        return DOOR


@dataclass(frozen=True)
class Texted:
    """What follows a text message: the reply and how the phone shows it (None: silence), and what to remember."""

    reply: Reply | None
    message: str | None
    sender: Sender


class Texting:
    """Answers text messages. Knows no database: what is remembered of a number comes in and goes out."""

    def __init__(self, intake: Intake, messages: TextMessages, limiter: Limiter | None = None) -> None:
        self._intake, self._messages, self._limiter = intake, messages, limiter

    async def answer(self, incoming: Incoming, sender: Sender, on_new_message: OnNewMessage) -> Texted:
        """What one message leads to. Warning signs come before keywords, and are met after an opt-out too."""
        text = cleaned(incoming.text)
        word = keyword(text)
        if word is not None and await self._is_about_a_sign(text, word, incoming):
            word = None
        if sender.opted_out:
            return await self._after_opt_out(text, word, incoming, sender)
        if word is not None and word.name == STOP:
            stopped = Sender(greeted=sender.greeted, opted_out=True)
            return Texted(*self._shown(self._messages.phrase("sms_stop")), stopped)
        if word is not None and word.name in (START, HELP):
            return self._told(self._messages.phrase(f"sms_{word.name}"), sender)
        if word is not None and word.name == MORE and sender.pages:
            reply = Reply(outcome="answer", text=sender.pages[0])
            return Texted(reply, sender.pages[0], replace(sender, pages=sender.pages[1:]))
        place = chosen(text, [title for _, title in sender.choices])
        if place is not None and place > len(sender.choices):
            again = self._messages.phrase("sms_no_such_choice", count=str(len(sender.choices)))
            return self._told(again, sender)
        if place is not None:
            choice, title = sender.choices[place - 1]
            incoming = replace(incoming, text=title, choice=choice)
        return self._told(await self._answered(incoming, on_new_message), sender)

    async def failed(self, incoming: Incoming, sender: Sender) -> Texted:
        """What is said when no answer came in time: a sign's advice, else the care team's number. Never raises."""
        reply = await self._intake.without_rasa(incoming, "error", LAST_SECONDS)
        if sender.opted_out and reply.tier not in NOTHING_ELSE:
            return Texted(None, None, sender)
        return Texted(*self._shown(reply), sender)

    def not_noted(self) -> Texted:
        """What is said when an opt-out or its end could not be kept."""
        return Texted(*self._shown(self._messages.phrase("sms_stop_failed")), Sender())

    async def _answered(self, incoming: Incoming, on_new_message: OnNewMessage) -> Reply:
        if self._limiter is not None and not self._limiter.allows(incoming.conversation):
            return await self._intake.too_fast(incoming)
        return await self._intake.reply(incoming, SmsOutput(), on_new_message)

    async def _after_opt_out(self, text: str, word: Keyword | None, incoming: Incoming, sender: Sender) -> Texted:
        """Silence, unless the person comes back or is in danger."""
        if word is not None:
            if word.name == START:
                return self._told(self._messages.phrase("sms_start"), replace(sender, opted_out=False))
            return Texted(None, None, sender)
        detection = await self._intake.detect(text, incoming) if text else None
        if detection is None or detection.tier not in NOTHING_ELSE:
            return Texted(None, None, sender)
        reply = self._intake.advice(detection, incoming)
        # No question after it: the answer to it would be met with silence.
        return Texted(reply, self._messages.render(reply, brief=True).pages[0], sender)

    async def _is_about_a_sign(self, text: str, word: Keyword, incoming: Incoming) -> bool:
        """Whether what reads like an opt-out reports a warning sign. A carrier's word alone tells of nothing."""
        return not word.bare and await self._intake.detect(text, incoming) is not None

    def _shown(self, reply: Reply) -> tuple[Reply, str]:
        return reply, self._messages.render(reply).pages[0]

    def _told(self, reply: Reply, sender: Sender) -> Texted:
        """The reply shown, the first time with the line that texts are not private, and what it offers remembered.

        Advice on a warning sign stands alone: the line comes with the next reply.
        """
        notice = not sender.greeted and reply.tier is None
        rendered = self._messages.render(reply, notice=notice)
        choices = tuple((choice.id, choice.title) for choice in rendered.choices) or sender.choices
        after = Sender(
            greeted=sender.greeted or notice, opted_out=sender.opted_out, choices=choices, pages=rendered.pages[1:]
        )
        return Texted(reply, rendered.pages[0], after)
