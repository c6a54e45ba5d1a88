"""Questions: splits a message into the questions it holds, not on question marks alone; a story is no question."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from infusion_guide.text.folding import folded

# More questions than this in one message are not looked at; three are answered (actions).
MAX_QUESTIONS = 5
_MIN_WORDS = 2
# A sentence that begins so sets the scene for its question: "In Sjögren's, are the B cells overactive".
_SCENE = [
    "if",
    "in",
    "once",
    "when",
    "while",
    "as",
    "since",
    "because",
    "after",
    "before",
    "for",
    "with",
    "say",
    "given",
]
# As many words before a turn may be a request in keywords; more are a story.
_KEYWORDS = 12

_ASKING = [
    "how", "what", "whats", "what's", "when", "whens", "why", "who", "whos", "where", "wheres", "which", "whose",
    "hows",
]  # fmt: skip
_AUXILIARIES = [
    "can", "could", "do", "does", "did", "is", "are", "am", "was", "will", "would", "should", "shall", "may", "must",
    "has", "have", "isnt", "isn't", "dont", "don't", "doesnt", "doesn't", "cant", "can't", "wont", "won't", "u",
]  # fmt: skip
_SUBJECTS = [
    "i", "it", "they", "you", "we", "he", "she", "this", "that", "these", "those", "there", "the", "my", "your", "ivig",
    "rituximab", "rituxan", "anyone", "someone", "people", "insurance", "any", "a", "an", "one", "infusions", "u",
    "treatment", "both", "mom", "dad", "patients", "steroids", "benadryl", "tylenol",
]  # fmt: skip
_JOINS = [
    "and",
    "n",
    "&",
    "also",
    "plus",
    "then",
    "btw",
    "but",
    "so",
    ",",
    ";",
    "oh",
    "ok",
    "well",
    "+",
]


@lru_cache(maxsize=1)
def _pipeline() -> tuple[Language, Matcher]:
    """The tokenizer and the patterns of what begins a question; made when first needed."""
    pipeline = spacy.blank("xx")
    matcher = Matcher(pipeline.vocab)
    begins: list[list[dict[str, Any]]] = [
        [{"LOWER": {"IN": [*_ASKING, "whether"]}}],
        [{"LOWER": "tell"}, {"LOWER": "me"}],
        [{"LOWER": {"IN": ["wondering", "wonder"]}}],
        [{"LOWER": "need"}, {"LOWER": "to"}, {"LOWER": "know"}],
        [{"LOWER": {"IN": ["want", "like"]}}, {"LOWER": "to"}, {"LOWER": "know"}],
        [{"LOWER": "no"}, {"LOWER": "idea"}],
    ]
    matcher.add("begins", begins)
    matcher.add("turns", [[{"LOWER": {"IN": _AUXILIARIES}}, {"LOWER": {"IN": _SUBJECTS}}]])
    return pipeline, matcher


def _sentences(doc: Doc) -> list[tuple[int, int]]:
    """First and last word (exclusive) of each sentence: ended by . ! ? or a new line."""
    ends = [token.i + 1 for token in doc if token.text in (".", "!", "?", "…") or "\n" in token.text]
    edges = [0, *ends, len(doc)]
    return [(start, end) for start, end in pairwise(edges) if end > start]


def _cuts(doc: Doc, starts: set[int], turns: set[int]) -> list[int]:
    """The words at which a question begins; `turns` are those of `starts` that are a turned verb ("should I")."""
    cuts: set[int] = set()
    for first, end in _sentences(doc):
        at = first
        while at < end and doc[at].text in _JOINS:
            at += 1
        inside = [
            token
            for token in range(first + 1, end)
            if token in starts and doc[token - 1].text in _JOINS and token - first >= _MIN_WORDS and token != at
        ]
        if inside and doc[at].text in _SCENE:
            inside = inside[1:]
        asks = at in starts or doc[end - 1].text == "?" or any(first <= turn < end for turn in turns)
        # "address please, and how long does it take": what stands before the first turn is a request of its own.
        if asks or (inside and inside[0] - first <= _KEYWORDS):
            cuts.add(first)
        cuts.update(inside)
    return sorted(cuts)


def questions(text: str) -> list[str]:
    """The questions of a message in their order; nothing where the whole message is one, or none.

    A new question begins at a sentence that asks, and inside one after "and", "also" or a comma where a question word
    or a turned verb ("can I", "does it") follows; a few words before such a turn are one too. Sentences that tell a
    story belong to the question they stand before.
    """
    pipeline, matcher = _pipeline()
    doc = pipeline.make_doc(folded(text))
    found_by_kind = [(pipeline.vocab.strings[kind], start) for kind, start, _ in matcher(doc)]
    turns = {start for kind, start in found_by_kind if kind == "turns"}
    cuts = _cuts(doc, {start for _, start in found_by_kind}, turns)
    if not cuts:
        return []
    if len(cuts) == 1:
        first, end = next(span for span in _sentences(doc) if span[0] <= cuts[0] < span[1])
        alone = text[doc[first].idx : doc[end - 1].idx + len(doc[end - 1])].strip()
        return [alone] if len(alone) < len(text.strip()) else []
    edges = [*cuts, len(doc)]
    found = []
    for number, (start, end) in enumerate(pairwise(edges)):
        first_word, last = (0 if number == 0 else start), end - 1
        while last > first_word and doc[last].text in _JOINS:
            last -= 1
        piece = text[doc[first_word].idx : doc[last].idx + len(doc[last])].strip()
        if len(piece.split()) >= _MIN_WORDS:
            found.append(piece)
    return found[:MAX_QUESTIONS]
