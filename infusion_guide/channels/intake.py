"""The intake: what every door does with a message before and after Rasa, so that nobody is met with silence."""

from __future__ import annotations

import asyncio
import logging
import time
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from infusion_guide.contract import FIXED_CHOICES, Reply, joined, read_choice, reply_from
from infusion_guide.knowledge.schema import Clinic, Phrase, WarningSigns
from infusion_guide.privacy.redaction import redacted
from infusion_guide.safety.advice import triage_reply
from infusion_guide.safety.detector import Detection
from infusion_guide.safety.record import SignRecord
from infusion_guide.safety.watch import Watch
from infusion_guide.text.folding import folded

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
# How long Rasa may take before warning signs are looked for without it: an emergency is answered within two seconds.
SIGN_SECONDS = 1.2
# How long a message may wait to be read in a crowd before the rules alone look at it, which takes no time.
READ_SECONDS = 1.0

# Where a person is who speaks at a door: before the kiosk, in the clinic, where a nurse is near.
SETTING_OF_DOOR = {"kiosk": "infusing"}


@dataclass(frozen=True)
class Incoming:
    """A message as it comes through a door.

    `choice` is the id of what the person picked from a list; `text` is then its title, or empty. With any other text
    the choice does not count: words of a person's own are always read. `about` is what a picked answer is to be about:
    pairs of an entity (therapy, condition) and its value.
    """

    text: str
    conversation: str
    door: str
    setting: str = "unknown"
    choice: str | None = None
    about: tuple[tuple[str, str], ...] = ()
    # The sender's own id of the message: a message that is sent again is answered once.
    message_id: str | None = None
    # How long the door can wait for the reply; None: as long as the settings say.
    seconds: float | None = None
    # The readings of this message for warning signs, by text: what was read once is not read again.
    readings: dict[str, Future[Detection | None]] = field(default_factory=dict, compare=False, repr=False)


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
        question_of: Callable[[str], str | None],
        watch: Watch,
        record: SignRecord | None = None,
    ) -> None:
        self._phrases, self._clinic, self._warning_signs = phrases, clinic, warning_signs
        self.max_characters, self._reply_seconds = max_characters, reply_seconds
        self._question_of, self.watch, self._record = question_of, watch, record
        # Reading takes up to a hundredth of a second of the encoder: on the server's loop it would stop all doors.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="signs")

    def phrase(self, phrase_id: str, door: str) -> Reply:
        """A fixed phrase for `door`, without choices."""
        phrase = self._phrases[phrase_id]
        return Reply(outcome=phrase.outcome, text=self._clinic.fill(phrase.text(door)))

    def words(self, prefix: str, door: str) -> dict[str, str]:
        """The texts of the phrases whose id begins with `prefix`, by the rest of their id: a door's labels."""
        found = {key: phrase for key, phrase in self._phrases.items() if key.startswith(prefix)}
        return {key[len(prefix) :]: self._clinic.fill(phrase.text(door)) for key, phrase in found.items()}

    @property
    def clinic(self) -> Clinic:
        """The clinic whose name and numbers the fixed words carry."""
        return self._clinic

    def seconds_for(self, incoming: Incoming) -> float:
        """How long the reply to a message may take."""
        return self._reply_seconds if incoming.seconds is None else min(incoming.seconds, self._reply_seconds)

    async def reply(self, incoming: Incoming, output: CollectingOutputChannel, on_new_message: OnNewMessage) -> Reply:
        """The reply to a message. Never raises: a failure of Rasa becomes a sign's advice or the care team's number."""
        ends = time.monotonic() + self.seconds_for(incoming)
        try:
            text = cleaned(incoming.text) or self._title(incoming.choice, incoming.door) or ""
            if not text:
                return self.phrase("empty", incoming.door)
            if len(text) > self.max_characters:
                # Too long to answer is not too long to be in danger.
                return await self.without_rasa(incoming, "too_long")
            return await self._answered(text, incoming, output, on_new_message, ends)
        except Exception:
            logger.exception("a message could not be answered; the person is given the care team's number")
        return await self.without_rasa(incoming, "error", ends - time.monotonic())

    async def without_rasa(self, incoming: Incoming, phrase: str, seconds: float = READ_SECONDS) -> Reply:
        """A fixed phrase, unless the message holds a warning sign; takes no longer than `seconds`. Never raises."""
        try:
            text = cleaned(incoming.text)
            detection = await self.detect(text, incoming, seconds) if text else None
            if detection is not None:
                return self.advice(detection, incoming)
        except Exception:
            logger.exception("a message could not be read for warning signs")
        return self.phrase(phrase, incoming.door)

    async def too_fast(self, incoming: Incoming) -> Reply:
        """What somebody is told who sends too much: a sign's advice all the same, else to wait a moment."""
        return await self.without_rasa(incoming, "too_fast")

    async def _answered(
        self,
        text: str,
        incoming: Incoming,
        output: CollectingOutputChannel,
        on_new_message: OnNewMessage,
        ends: float,
    ) -> Reply:
        """What Rasa says. Where it is slow, warning signs are looked for meanwhile, and the rest may wait longer."""
        message = UserMessage(
            text=redacted(text),
            output_channel=output,
            sender_id=incoming.conversation,
            input_channel=incoming.door,
            metadata={"setting": incoming.setting},
            parse_data=self._chosen(incoming, text),
        )
        answering = asyncio.ensure_future(on_new_message(message))
        reading: asyncio.Future[Detection | None] | None = None
        try:
            first = min(SIGN_SECONDS, (ends - time.monotonic()) / 2)
            done, _ = await asyncio.wait({answering}, timeout=first)
            if not done:
                logger.error("Rasa takes longer than %.1f s; the message is read for warning signs without it", first)
                reading = asyncio.ensure_future(self.detect(text, incoming, ends - time.monotonic()))
                await asyncio.wait({answering, reading}, return_when=asyncio.FIRST_COMPLETED)
                if reading.done() and (detection := reading.result()) is not None:
                    return self.advice(detection, incoming)
                await asyncio.wait({answering}, timeout=max(ends - time.monotonic(), 0))
            if not answering.done():
                logger.error("Rasa took longer than the person can wait, who gets the care team's number")
                return self.phrase("error", incoming.door)
            answering.result()
        finally:
            answering.cancel()
            if reading is not None:
                reading.cancel()
        replies = [reply_from(message["custom"]) for message in output.messages if "custom" in message]
        if replies:
            return joined(replies)
        logger.error("Rasa said nothing; the person is given a sign's advice or the care team's number")
        return await self.without_rasa(incoming, "error", ends - time.monotonic())

    async def detect(self, text: str, incoming: Incoming, seconds: float = READ_SECONDS) -> Detection | None:
        """The warning sign of a message, read once and off the server's loop, within `seconds`.

        In a crowd the rules alone are asked after READ_SECONDS; what they do not see may still be found until then.
        """
        reading = incoming.readings.get(text)
        if reading is None or reading.cancelled():
            if seconds <= 0:
                return self.watch.by_rules(text, incoming.setting)
            reading = self._reader.submit(self.watch.detect, text, incoming.setting)
            incoming.readings[text] = reading
        try:
            waiting = asyncio.wrap_future(reading)
            if (await asyncio.wait({waiting}, timeout=max(min(READ_SECONDS, seconds), 0)))[0]:
                return waiting.result()
            logger.warning("many messages wait to be read for warning signs; the rules alone look at this one")
            found = self.watch.by_rules(text, incoming.setting)
            if found is None and (await asyncio.wait({waiting}, timeout=max(seconds - READ_SECONDS, 0)))[0]:
                return waiting.result()
            return found
        finally:
            # One that still waits is not needed any more: others come sooner.
            reading.cancel()

    def advice(self, detection: Detection, incoming: Incoming) -> Reply:
        """The advice for a warning sign that was found without Rasa."""
        if self._record is not None:
            # On a thread: the person does not wait for it.
            asyncio.get_running_loop().run_in_executor(None, self._record.add, detection, incoming.door)
        return triage_reply(detection, self._warning_signs, self._clinic, self._phrases, incoming.door)

    def _title(self, choice: str | None, door: str) -> str | None:
        """The words of a choice that the guide offers at `door`; None where it offers no such choice."""
        if choice is None:
            return None
        if choice in FIXED_CHOICES:
            return self._phrases[FIXED_CHOICES[choice][1]].text(door)
        answer, therapy = read_choice(choice)
        question = self._question_of(answer)
        if question is None or therapy is None:
            return question
        phrase = self._phrases.get(f"for_{therapy}")
        return phrase.text(door) if phrase else None

    def _chosen(self, incoming: Incoming, text: str) -> dict[str, Any] | None:
        """What understanding would say of a choice picked from a list: there is nothing to guess.

        Only where the text is the choice's own: beside other words it is dropped, and the words go through
        understanding, where warning signs are looked for.
        """
        choice = incoming.choice
        title = self._title(choice, incoming.door)
        if choice is None or title is None or folded(text) != folded(cleaned(title)):
            return None
        if choice in FIXED_CHOICES:
            return {"text": text, "intent": {"name": FIXED_CHOICES[choice][0], "confidence": 1.0}, "entities": []}
        answer, therapy = read_choice(choice)
        about = (*incoming.about, *((("therapy", therapy),) if therapy else ()))
        return {
            "text": text,
            "intent": {"name": answer.split("/")[0].replace("-", "_"), "confidence": 1.0},
            "entities": [{"entity": entity, "value": value, "role": "explicit"} for entity, value in about],
            "answer_ranking": [{"label": answer, "score": 1.0}],
        }
