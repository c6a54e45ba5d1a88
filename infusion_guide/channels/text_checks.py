"""The checks of text messages: all that a phone shows, from fixed sentences to advice, and its cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from infusion_guide.channels.segments import fits, gsm_text
from infusion_guide.channels.text_messages import TRIAGE_SEGMENTS, MissingPhraseError, TextMessages
from infusion_guide.knowledge.checks import Finding
from infusion_guide.knowledge.measures import sms_segments
from infusion_guide.knowledge.schema import SETTINGS, Knowledge
from infusion_guide.safety.advice import triage_reply
from infusion_guide.safety.detector import Detection

# What a text may cost by itself, without source and choices.
TEXT_SEGMENTS = 2
# Placeholders that differ from reply to reply, with something of a usual length in each.
_SAMPLES = {
    "title": "Which kinds of nerve damage respond to IVIG?",
    "ask": "your care team",
    "detail": "Monday to Friday, 8 am to 5 pm.",
    "words": "We ask you to be driven home.",
    "first": "",
    "n": "1",
    "count": "3",
    "source": "What to Expect, Overview",
}


def _phrase_reasons(knowledge: Knowledge, phrase_id: str) -> Iterator[str]:
    phrase = knowledge.phrases[phrase_id]
    try:
        text = knowledge.clinic.fill(phrase.sms, rates=knowledge.clinic.text_rates(knowledge.phrases), **_SAMPLES)
    except (KeyError, IndexError, ValueError):
        # An unknown placeholder is a finding of its own (knowledge/checks.py).
        return
    yield from _costs(text)


def _costs(text: str, segments: int = TEXT_SEGMENTS) -> Iterator[str]:
    folded = gsm_text(text)
    if not folded:
        yield "nothing is left of it as a text message"
    elif not fits(folded, segments):
        yield f"{sms_segments(folded)} segments as a text message with the details of clinic.yml, at most {segments}"


def _advice_findings(knowledge: Knowledge, messages: TextMessages) -> Iterator[tuple[int, str]]:
    """Line of the advice and what is wrong with it, for every sign in every setting, in English and Spanish."""
    for sign in knowledge.warning_signs.signs.values():
        for setting in SETTINGS:
            tier = sign.tier(setting)
            if tier is None:
                continue
            line = knowledge.warning_signs.advice_for(tier, setting).line
            for spanish in (False, True):
                detection = Detection(sign.id, tier, setting, "rules", spanish)
                reply = triage_reply(detection, knowledge.warning_signs, knowledge.clinic, knowledge.phrases, "sms")
                for page in messages.render(reply).pages:
                    for reason in _costs(page, TRIAGE_SEGMENTS):
                        yield line, f"advice {tier}, {setting}, {sign.id}: {reason}"


def check_text_messages(knowledge: Knowledge, folder: Path) -> list[Finding]:
    """Everything that a phone would show wrongly or at too high a cost, by file and line."""
    phrases = str(folder / "phrases.yml")
    try:
        messages = TextMessages(knowledge.phrases, knowledge.clinic)
    except MissingPhraseError as error:
        return [Finding(phrases, 1, str(error))]
    findings = [
        Finding(phrases, phrase.line, f"{phrase.id} (sms): {reason}")
        for phrase in knowledge.phrases.values()
        for reason in _phrase_reasons(knowledge, phrase.id)
    ]
    for answer in knowledge.answers.values():
        for variant in answer.variants:
            path = str(folder / "answers" / f"{answer.topic}.yml")
            name = f"{answer.id} ({variant.therapy}, {variant.condition})"
            findings += [Finding(path, answer.line, f"{name}: sms: {reason}") for reason in _costs(variant.sms)]
    for subject in knowledge.subjects.values():
        if "not_covered" not in knowledge.phrases:
            break
        text = knowledge.clinic.fill(knowledge.phrases["not_covered"].sms, title=subject.title, ask=subject.ask)
        whole = f"{text} {subject.nearby.sms}" if subject.nearby else text
        path = str(folder / "not_covered.yml")
        findings += [Finding(path, subject.line, f"{subject.id}: sms: {reason}") for reason in _costs(whole)]
    path = str(folder / "medical_advice.yml")
    for verdict in knowledge.verdicts.values():
        if "medical_advice" not in knowledge.phrases:
            break
        text = knowledge.clinic.fill(knowledge.phrases["medical_advice"].sms)
        for variant in verdict.general:
            name = f"{verdict.id} ({variant.therapy}, {variant.condition})"
            reasons = _costs(f"{text} {variant.sms}")
            findings += [Finding(path, verdict.line, f"{name}: sms: {reason}") for reason in reasons]
    path = str(folder / "warning_signs.yml")
    findings += [Finding(path, line, reason) for line, reason in _advice_findings(knowledge, messages)]
    return sorted(set(findings))
