"""Text messages: a reply as the messages that a phone shows, within the segments that it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infusion_guide.channels.segments import fits, gsm_text, pages
from infusion_guide.contract import Choice, Reply
from infusion_guide.knowledge.schema import Clinic, Phrase

# What a reply may cost: with its source and its choices, and with a warning sign.
SEGMENTS = 3
TRIAGE_SEGMENTS = 2
# The fixed sentences without which this door cannot speak.
PHRASES = (
    "sms_notice", "sms_choice", "sms_more", "sms_source", "sms_no_such_choice", "sms_rates", "sms_help", "sms_stop",
    "sms_stop_failed", "sms_start", "triage_question", "triage_rest", "error", "too_fast", "empty",
)  # fmt: skip


@dataclass(frozen=True)
class Rendered:
    """A reply as messages: the first is sent, the others wait for MORE. `choices` are those that a digit now names."""

    pages: tuple[str, ...]
    choices: tuple[Choice, ...]


class MissingPhraseError(ValueError):
    """A fixed sentence of the text messages is not in phrases.yml."""


class TextMessages:
    """Makes text messages of replies, with the fixed words of phrases.yml.

    Raises:
        MissingPhraseError: one of the words is not there.
    """

    def __init__(self, phrases: Mapping[str, Phrase], clinic: Clinic) -> None:
        missing = [name for name in PHRASES if name not in phrases]
        if missing:
            raise MissingPhraseError(f"phrases.yml lacks {', '.join(missing)}, which text messages need")
        self._phrases, self._clinic = phrases, clinic

    def phrase(self, phrase_id: str, **more: str) -> Reply:
        """A fixed phrase as a reply."""
        phrase = self._phrases[phrase_id]
        rates = self._clinic.text_rates(self._phrases)
        return Reply(outcome=phrase.outcome, text=self._clinic.fill(phrase.sms, rates=rates, **more))

    def render(self, reply: Reply, *, notice: bool = False, brief: bool = False) -> Rendered:
        """The messages of a reply.

        `notice` adds the line that texts are not private; `brief` leaves out what asks for an answer.
        """
        if reply.tier is not None:
            return self._advice(reply, brief)
        offered = () if brief else reply.choices
        pieces = [*reply.text.split("\n\n"), *reply.notes]
        if notice:
            pieces.append(self.phrase("sms_notice").text)
        if reply.sources:
            titles = dict.fromkeys(source.short or source.document for source in reply.sources)
            pieces.append(self.phrase("sms_source", source=", ".join(titles)).text)
        pieces += self._choice_lines(offered)
        more = gsm_text(self.phrase("sms_more").text)
        return Rendered(pages([gsm_text(piece) for piece in pieces], SEGMENTS, more), offered)

    def _advice(self, reply: Reply, brief: bool) -> Rendered:
        """Advice on a warning sign, whole and on one message; the question after it and its choices where they fit."""
        asking = {self._phrases[name].sms for name in ("triage_question", "triage_rest")}
        paragraphs = reply.text.split("\n\n")
        text = gsm_text("\n".join(paragraph for paragraph in paragraphs if paragraph not in asking))
        question = [gsm_text(paragraph) for paragraph in paragraphs if paragraph in asking]
        choices = [gsm_text(line) for line in self._choice_lines(reply.choices)]
        if not brief:
            # A question may be answered by yes or no; half of its choices would mislead.
            for more, offered in (([*question, *choices], reply.choices), (question, ())):
                whole = "\n".join([text, *more])
                if fits(whole, TRIAGE_SEGMENTS):
                    return Rendered((whole,), offered)
        return Rendered((text,), ())

    def _choice_lines(self, choices: tuple[Choice, ...]) -> list[str]:
        return [
            self.phrase("sms_choice", n=str(number), title=choice.title).text
            for number, choice in enumerate(choices, start=1)
        ]
