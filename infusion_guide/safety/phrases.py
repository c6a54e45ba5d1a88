"""Phrases: the small language in which warning_signs.yml says what people write, and the reader that finds it.

A phrase is words in their order: `a|b` is either word, `(a)` may be missing, `*` stands for up to three words. Words
are compared by their stems, misspellings folded, so "chest hurts" finds "my chst hurting".
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import snowballstemmer
import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from infusion_guide.text.folding import folded
from infusion_guide.text.spelling import Speller

GAP = 3
# Shortest word whose misspellings are folded: "cnat" for "cant".
_MIN_LETTERS = 4


@dataclass(frozen=True)
class Found:
    """A phrase found in a message: the name it stands under, and which words of the message it covers."""

    name: str
    start: int
    end: int


def plain(text: str) -> str:
    """`text` as it is compared: folded, apostrophes gone ("can't" and "cant" are one word)."""
    return re.sub(r"(?<=\w)'(?=\w)", "", folded(text))


def _alternatives(element: str) -> tuple[list[str], bool]:
    """The words of one element of a phrase and whether it may be missing."""
    optional = element.startswith("(") and element.endswith(")")
    return element.strip("()").split("|"), optional


def _stems(token: dict[str, Any]) -> list[str]:
    """The stems that a token of a pattern allows; none for a gap."""
    stems: list[str] = token.get("LEMMA", {}).get("IN", [])
    return stems


class PhraseReader:
    """Finds phrases of several names in a message with a spaCy matcher over stems.

    Raises:
        ValueError: a phrase has no word that must be there.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._pipeline = spacy.blank("xx")
        # The "xx" tokenizer has no English contractions: "cant" stays a word.
        split = {name: [plain(phrase).split() for phrase in listed] for name, listed in phrases.items()}
        words = {
            word
            for listed in split.values()
            for elements in listed
            for element in elements
            for word in _alternatives(element)[0]
            if word.isalpha()
        }
        self._speller = Speller(sorted(words), _MIN_LETTERS)
        self._stem = lru_cache(maxsize=16384)(self._stem_of)
        self._stemmed = lru_cache(maxsize=None)(lambda word: str(self._stemmer.stemWord(word)))
        self._matchers = self._matchers_of(
            [(name, self._pattern(elements)) for name, listed in split.items() for elements in listed]
        )

    def _matchers_of(self, patterns: list[tuple[str, list[dict[str, Any]]]]) -> dict[str, Matcher]:
        """A matcher for each stem, with the patterns that need this stem.

        One matcher of all patterns would try every pattern at every word, which takes milliseconds. Each pattern stands
        with the stems of that word of its own which the fewest patterns share.
        """
        shared = Counter(stem for _, pattern in patterns for token in pattern for stem in _stems(token))
        grouped: defaultdict[str, list[tuple[str, list[dict[str, Any]]]]] = defaultdict(list)
        for name, pattern in patterns:
            needed = [token for token in pattern if "OP" not in token]
            anchor = min(needed, key=lambda token: sum(shared[stem] for stem in _stems(token)))
            for stem in _stems(anchor):
                grouped[stem].append((name, pattern))
        matchers = {}
        for stem, listed in grouped.items():
            # Patterns are made by `_pattern` alone; validating each again would take seconds at the start.
            matchers[stem] = Matcher(self._pipeline.vocab, validate=False)
            for name in dict.fromkeys(name for name, _ in listed):
                matchers[stem].add(name, [pattern for other, pattern in listed if other == name])
        return matchers

    def _stem_of(self, word: str) -> str:
        return self._stemmed(self._speller.corrected(word))

    def _pattern(self, elements: list[str]) -> list[dict[str, Any]]:
        pattern: list[dict[str, Any]] = []
        for element in elements:
            if element == "*":
                pattern += [{"IS_PUNCT": False, "OP": "?"}] * GAP
                continue
            words, optional = _alternatives(element)
            stems = [self._stemmed(word) for word in words]
            word = {"LEMMA": {"IN": stems}}
            pattern.append({**word, "OP": "?"} if optional else word)
        if all("OP" in token for token in pattern):
            raise ValueError(f"the phrase {' '.join(elements)!r} has no word that must be there")
        return pattern

    def read(self, text: str) -> Doc:
        """The words of a message, each with its stem as lemma."""
        doc = self._pipeline.make_doc(plain(text))
        for token in doc:
            token.lemma_ = self._stem(token.text)
        return doc

    def find(self, doc: Doc) -> list[Found]:
        """The phrases in the words, in order."""
        strings = self._pipeline.vocab.strings
        matchers = [self._matchers[stem] for stem in {token.lemma_ for token in doc} if stem in self._matchers]
        found = {Found(strings[name], start, end) for matcher in matchers for name, start, end in matcher(doc)}
        return sorted(found, key=lambda one: (one.start, one.end, one.name))
