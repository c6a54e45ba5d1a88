"""The intake: what every door does with a message before and after Rasa, so that nobody is met with silence."""

from __future__ import annotations

import asyncio
import logging
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from infusion_guide.contract import Reply, joined, reply_from
from infusion_guide.knowledge.schema import Clinic, Phrase, WarningSigns
from infusion_guide.privacy.redaction import redacted
from infusion_guide.safety.advice import NOT_RUNNING, ONLY_ASKING, RUNNING, triage_reply
from infusion_guide.safety.record import SignRecord
from infusion_guide.safety.watch import Watch

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
# How long Rasa may take before warning signs are looked for without it: an emergency is answered within two seconds.
SIGN_SECONDS = 1.2
# What a choice that is no answer means in the conversation.
_CHOICE_INTENTS = {RUNNING: "infusion_running", NOT_RUNNING: "infusion_over", ONLY_ASKING: "only_asking"}


@dataclass(frozen=True)
class Incoming:
    """A message as it comes through a door. `choice` is the id of what the person picked from a list."""

    text: str
    conversation: str
    door: str
    setting: str = "unknown"
    choice: str | None = None
    # The sender's own id of the message: a message that is sent again is answered once.
    message_id: str | None = None


class Limiter:
    """A token bucket for each conversation: `burst` messages at once, then `a_minute` a minute."""

    def __init__(
        self, a_minute: int, burst: int, clock: Callable[[], float] = time.monotonic, remembered: int = 10000
    ) -> None:
        self._rate, self._burst, self._clock, self._remembered = a_minute / 60.0, float(burst), clock, remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, conversation: str) -> bool:
        """Whether one more message is allowed now."""
        now = self._clock()
        tokens, then = self._buckets.pop(conversation, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[conversation] = (tokens - 1.0 if allowed else tokens, now)
        while len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return allowed


def cleaned(text: str) -> str:
    """`text` in plain characters: compatibility forms folded, control and invisible characters gone, spaces single.

    A leading slash goes too: Rasa would read "/restart" or "/intent{...}" as a command (rasa.md, 4.3).
    """
    folded = unicodedata.normalize("NFKC", text)
    # C* are control, format (zero-width, direction and tag characters), private and unassigned.
    visible = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in folded
        if unicodedata.category(c) not in ("Cf", "Co", "Cn", "Cs")
    )
    return " ".join(visible.split()).lstrip("/ ")


class Intake:
    """Takes a door's message through cleaning, redaction and Rasa to a reply; whatever fails, there is a reply."""

    def __init__(
        self,
        phrases: Mapping[str, Phrase],
        clinic: Clinic,
        warning_signs: WarningSigns,
        *,
        max_characters: int,
        reply_seconds: float,
        knows_answer: Callable[[str], bool],
        watch: Watch,
        record: SignRecord | None = None,
    ) -> None:
        self._phrases, self._clinic, self._warning_signs = phrases, clinic, warning_signs
        self._max_characters, self._reply_seconds = max_characters, reply_seconds
        self._knows_answer, self.watch, self._record = knows_answer, watch, record

    def phrase(self, phrase_id: str, door: str) -> Reply:
        """A fixed phrase for `door`, without choices."""
        phrase = self._phrases[phrase_id]
        return Reply(outcome=phrase.outcome, text=self._clinic.fill(phrase.text(door)))

    async def reply(self, incoming: Incoming, output: CollectingOutputChannel, on_new_message: OnNewMessage) -> Reply:
        """The reply to a message. Never raises: a failure of Rasa becomes a sign's advice or the care team's number."""
        text = ""
        try:
            text = cleaned(incoming.text)
            if not text:
                return self.phrase("empty", incoming.door)
            if len(text) > self._max_characters:
                # Too long to answer is not too long to be in danger.
                return self._sign_reply(text, incoming) or self.phrase("too_long", incoming.door)
            return await self._answered(text, incoming, output, on_new_message)
        except Exception:
            logger.exception("a message could not be answered; the person is given the care team's number")
        try:
            return self._sign_reply(text, incoming) or self.phrase("error", incoming.door)
        except Exception:
            logger.exception("a message that could not be answered could not be read for warning signs either")
            return self.phrase("error", incoming.door)

    async def _answered(
        self, text: str, incoming: Incoming, output: CollectingOutputChannel, on_new_message: OnNewMessage
    ) -> Reply:
        """What Rasa says. Where it is slow, warning signs are looked for meanwhile, and the rest may wait longer."""
        message = UserMessage(
            text=redacted(text),
            output_channel=output,
            sender_id=incoming.conversation,
            input_channel=incoming.door,
            metadata={"setting": incoming.setting},
            parse_data=self._chosen(incoming.choice, text),
        )
        answering = asyncio.ensure_future(on_new_message(message))
        try:
            first = min(SIGN_SECONDS, self._reply_seconds)
            done, _ = await asyncio.wait({answering}, timeout=first)
            if not done:
                logger.error("Rasa takes longer than %s s; the message is read for warning signs without it", first)
                sign = self._sign_reply(text, incoming)
                if sign is not None:
                    return sign
                await asyncio.wait({answering}, timeout=self._reply_seconds - first)
            if not answering.done():
                logger.error("Rasa took longer than %s s; the person gets the care team's number", self._reply_seconds)
                return self.phrase("error", incoming.door)
            answering.result()
        finally:
            answering.cancel()
        replies = [reply_from(message["custom"]) for message in output.messages if "custom" in message]
        if replies:
            return joined(replies)
        logger.error("Rasa said nothing; the person is given a sign's advice or the care team's number")
        return self._sign_reply(text, incoming) or self.phrase("error", incoming.door)

    def _sign_reply(self, text: str, incoming: Incoming) -> Reply | None:
        """The advice for a warning sign that is found without Rasa."""
        detection = self.watch.detect(text, incoming.setting)
        if detection is None:
            return None
        if self._record is not None:
            self._record.add(detection, incoming.door)
        return triage_reply(detection, self._warning_signs, self._clinic, self._phrases, incoming.door)

    def _chosen(self, choice: str | None, text: str) -> dict[str, Any] | None:
        """What understanding would say of a choice picked from a list: there is nothing to guess."""
        if choice in _CHOICE_INTENTS:
            return {"text": text, "intent": {"name": _CHOICE_INTENTS[choice], "confidence": 1.0}, "entities": []}
        if choice is None or not self._knows_answer(choice):
            return None
        intent = choice.split("/")[0].replace("-", "_")
        return {
            "text": text,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [],
            "answer_ranking": [{"label": choice, "score": 1.0, "similarity": 1.0}],
        }
