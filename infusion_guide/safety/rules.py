"""Rules: what is known about how warning signs are worded, and about words that make one a mere mention."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spacy.tokens import Doc

from infusion_guide.knowledge.schema import Cue, WarningSigns
from infusion_guide.safety.measurements import readings
from infusion_guide.safety.phrases import Found, PhraseReader, plain

_SPANISH_LETTER = re.compile("[áíóúñ¿¡]")
_SENTENCE_END = re.compile(r"[.!?\n]+$")
PRESENT = "present"
_PLAIN, _IDIOM, _BREAK, _SETTING, _SPANISH = "plain", "idiom", "break", "setting", "spanish"


@dataclass(frozen=True)
class Evidence:
    """A warning sign that the rules see in a message, and whether it is happening now."""

    sign: str
    status: str
    # Worded so plainly (a phrase of warning_signs.yml, no wider pattern) that nothing else need be believed.
    plain: bool = False


@dataclass(frozen=True)
class Reading:
    """What the rules read in a message: the evidence, the setting that the words tell, and whether it is in Spanish."""

    evidence: tuple[Evidence, ...]
    setting: str
    spanish: bool

    @property
    def present(self) -> tuple[str, ...]:
        """The signs that are happening now, each once."""
        return tuple(dict.fromkeys(one.sign for one in self.evidence if one.status == PRESENT))

    @property
    def plainly(self) -> bool:
        """Whether a sign that is happening now is said in plain words."""
        return any(one.plain and one.status == PRESENT for one in self.evidence)

    @property
    def mentioned(self) -> bool:
        """Whether signs are mentioned, and all of them as not happening now."""
        return bool(self.evidence) and not self.present


class SignRules:
    """Reads a message by the phrases, cues and limits of warning_signs.yml."""

    def __init__(self, knowledge: WarningSigns) -> None:
        vocabulary = knowledge.vocabulary
        self._limits, self._cues, self._signs = knowledge.limits, vocabulary.cues, knowledge.signs
        phrases: dict[str, Iterable[str]] = {sign: vocabulary.patterns.get(sign, ()) for sign in knowledge.signs}
        phrases.update({f"{_PLAIN}:{sign.id}": sign.phrases for sign in knowledge.signs.values()})
        phrases.update({f"cue:{number}": cue.phrases for number, cue in enumerate(vocabulary.cues)})
        phrases.update({f"{_SETTING}:{name}": listed for name, listed in vocabulary.settings.items()})
        phrases.update({_IDIOM: vocabulary.idioms, _BREAK: vocabulary.breaks, _SPANISH: vocabulary.spanish_words})
        self._reader = PhraseReader(phrases)

    def read(self, text: str) -> Reading:
        """What the rules see in a message."""
        doc = self._reader.read(text)
        found = self._reader.find(doc)
        signs = [one for one in found if one.name in self._signs]
        signs += [Found(one.name.split(":")[1], one.start, one.end) for one in found if one.name.startswith(_PLAIN)]
        measured = self._measured(doc, text)
        signs += measured
        plainly = {
            (one.name.split(":")[1], word)
            for one in found
            if one.name.startswith(_PLAIN)
            for word in range(one.start, one.end)
        } | {(one.name, one.start) for one in measured}
        idioms = [one for one in found if one.name == _IDIOM]
        cues = _outermost([one for one in found if one.name.startswith("cue:")])
        clauses, sentences = _numbering(doc, [one for one in found if one.name == _BREAK])
        evidence = []
        for sign in _longest(signs):
            # An idiom that covers the sign's words is what was meant: "this wait is killing me".
            if any(idiom.start <= sign.start and sign.end <= idiom.end for idiom in idioms):
                evidence.append(Evidence(sign.name, "figure-of-speech"))
                continue
            status = self._status(sign, cues, clauses, sentences)
            in_plain_words = any((sign.name, word) in plainly for word in range(sign.start, sign.end))
            evidence.append(Evidence(sign.name, status, in_plain_words))
        settings = [one for one in found if one.name.startswith(_SETTING)]
        # The last word on where somebody is counts: "the drip went fine, now I'm home".
        setting = max(settings, key=lambda one: one.end).name.split(":")[1] if settings else "unknown"
        spanish_words = len([one for one in found if one.name == _SPANISH]) + bool(_SPANISH_LETTER.search(plain(text)))
        spanish = spanish_words >= 2
        return Reading(tuple(dict.fromkeys(evidence)), setting, spanish)

    def _measured(self, doc: Doc, text: str) -> list[Found]:
        found = []
        for reading in readings(plain(text), self._limits):
            span = doc.char_span(reading.start, reading.end, alignment_mode="expand")
            if span is not None:
                found.append(Found(reading.sign, span.start, span.end))
        return found

    def _status(self, sign: Found, cues: list[Found], clauses: list[int], sentences: list[int]) -> str:
        statuses = set()
        for found in cues:
            cue = self._cues[int(found.name.split(":")[1])]
            if _acts(cue, found, sign, clauses, sentences):
                statuses.add(cue.status)
        # "Still", "now", "is it normal" outweigh what was before and what might be; a denial stays one. Who asks how
        # many tablets it would take asks no plain question.
        if PRESENT in statuses or self._signs[sign.name].home == "crisis":
            statuses -= {PRESENT, "past", "hypothetical", "question", "hearsay"}
        return sorted(statuses)[0] if statuses else PRESENT


def _numbering(doc: Doc, breaks: list[Found]) -> tuple[list[int], list[int]]:
    """For each word the number of its clause and of its sentence."""
    starts = {one.start for one in breaks}
    clauses, sentences, clause, sentence = [], [], 0, 0
    for token in doc:
        if token.i in starts:
            clause += 1
        clauses.append(clause)
        sentences.append(sentence)
        if _SENTENCE_END.search(token.text) or token.text == ";":
            clause, sentence = clause + 1, sentence + 1
    return clauses, sentences


def _acts(cue: Cue, found: Found, sign: Found, clauses: list[int], sentences: list[int]) -> bool:
    """Whether a cue that was found says something about a sign that was found."""
    if found.start >= sign.start and found.end <= sign.end:
        # Part of the sign's own words: "not breathing" is no denial, but "temp is still 101" is now.
        return cue.status == PRESENT
    before = found.start < sign.start
    if (cue.where == "before" and not before) or (cue.where == "after" and before):
        return False
    numbers = {"clause": clauses, "sentence": sentences}.get(cue.scope)
    if numbers is not None and numbers[found.end - 1] != numbers[sign.start]:
        return False
    distance = sign.start - found.end if before else found.start - sign.end
    return not cue.reach or distance < cue.reach


def _outermost(found: list[Found]) -> list[Found]:
    """The finds that no longer find covers: "not sure" is no "not"."""
    return [
        one
        for one in found
        if not any(o.start <= one.start and one.end <= o.end and o.end - o.start > one.end - one.start for o in found)
    ]


def _longest(found: list[Found]) -> list[Found]:
    """Of several finds of the same sign in the same words, the longest."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if not any(one.name == other.name and other.start <= one.start and one.end <= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
