"""Language: finds the therapy and the condition that a message names, by brand names, lay words and misspellings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import spacy
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.language import Language
from spacy.tokens import Doc

from infusion_guide.text.folding import folded

EXPLICIT, HINT, NEVER = "explicit", "hint", "never"


@dataclass(frozen=True)
class Mention:
    """A therapy or a condition that a message names. A hint ("my B cells") only suggests it."""

    entity: str
    value: str
    start: int
    end: int
    strength: str


def _patterns(words: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for entity, values in words.items():
        for value, strengths in values.items():
            for strength, phrases in strengths.items():
                if strength not in (EXPLICIT, HINT):
                    continue
                for phrase in phrases:
                    tokens = [{"LOWER": token} for token in re.findall(r"\w+|[^\w\s]", folded(phrase))]
                    yield {"label": f"{entity}:{value}:{strength}", "pattern": tokens}


@lru_cache(maxsize=4096)
def _misspelled(word: str, names: tuple[str, ...]) -> str | None:
    """The name that a long word misspells: one edit in five letters, two from eight, three from eleven letters on."""
    allowed = 1 if len(word) < 8 else 2 if len(word) < 11 else 3
    found = process.extractOne(word, names, scorer=OSA.distance, score_cutoff=allowed)
    return found[0] if found and found[0][0] == word[0] else None


class LanguageReader:
    """Reads therapies and conditions with a spaCy entity ruler; `words`: entity → value → strength → phrases."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._pipeline: Language = spacy.blank("en")
        ruler: Any = self._pipeline.add_pipe("entity_ruler", config={"overwrite_ents": True})
        ruler.add_patterns(list(_patterns(words)))
        # Only single long names are matched by spelling: short ones ("ivig") would catch ordinary words.
        self._names = {
            folded(phrase): f"{entity}:{value}:{EXPLICIT}"
            for entity, values in words.items()
            for value, strengths in values.items()
            for phrase in strengths.get(EXPLICIT, ())
            if len(phrase) >= 6 and phrase.isalpha()
        }
        self._ordinary = frozenset(
            folded(word) for values in words.values() for phrases in values.values() for word in phrases.get(NEVER, ())
        )

    def read(self, text: str) -> list[Mention]:
        """The mentions in `text`, in order; positions are character offsets."""
        doc: Doc = self._pipeline(folded(text))
        mentions = []
        covered: set[int] = set()
        for span in doc.ents:
            entity, value, strength = span.label_.split(":")
            mentions.append(Mention(entity, value, span.start_char, span.end_char, strength))
            covered.update(range(span.start, span.end))
        names = tuple(self._names)
        for token in doc:
            if token.i in covered or len(token) < 6 or not token.is_alpha or token.text in self._ordinary:
                continue
            name = _misspelled(token.text, names)
            if name:
                entity, value, strength = self._names[name].split(":")
                mentions.append(Mention(entity, value, token.idx, token.idx + len(token), strength))
        return sorted(mentions, key=lambda mention: mention.start)


def named(mentions: Iterable[Mention], entity: str) -> tuple[str, ...]:
    """The values that mentions name for `entity`, each once, in order; hints count only where nothing is explicit."""
    chosen = [mention for mention in mentions if mention.entity == entity]
    explicit = [mention.value for mention in chosen if mention.strength == EXPLICIT]
    return tuple(dict.fromkeys(explicit or [mention.value for mention in chosen]))
