"""Ranking: orders everything the guide can reply with by how well it fits a sentence, and says how familiar it looks.

Pure numbers in, numbers out: Rasa's part is `answer_selection.py`; the benchmark on public data uses this as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from infusion_guide.text.regression import Regression, nearest_mean, shares
from infusion_guide.text.word_vectors import Vectors, WordVectors

ROUNDS = 40


@dataclass(frozen=True)
class Ranked:
    """One candidate: its label, its share of belief (all sum to 1), and how familiar the sentence looks by it.

    Familiarity is the belief before it is shared out: the linear part plus the weighted likeness to the nearest
    examples. A share is high for whatever is left over; familiarity is low for what resembles nothing known.
    """

    label: str
    score: float
    familiarity: float


@dataclass(frozen=True)
class Reading:
    """One way to read a message: a sentence with its unit vector, and how much it counts."""

    sentence: str
    vector: Vectors
    weight: float = 1.0


class Ranker:
    """Ranks labels for a sentence by its vector and its words, from labelled examples.

    A linear part (logistic regression over the sentence vector and the word vector) is joined with the likeness to each
    label's nearest examples; likeness alone says how familiar a sentence is (design, section 4).
    """

    def __init__(
        self,
        *,
        words_weight: float = 1.0,
        strength: float = 8.0,
        neighbours: int = 3,
        neighbour_weight: float = 20.0,
        components: int = 320,
        compared: int = 24,
    ) -> None:
        self.words_weight = words_weight
        self.strength = strength
        self.neighbours = neighbours
        self.neighbour_weight = neighbour_weight
        self.compared = compared
        self._words = WordVectors(components)

    def fit(self, sentences: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> Ranker:
        """Learn from examples; `vectors` are their unit vectors, one row a sentence."""
        features = self._features(self._words.fit(sentences), vectors)
        self._regression = Regression.fit(features, labels, strength=self.strength, rounds=ROUNDS)
        self.labels = np.array(self._regression.labels)
        classes = np.searchsorted(self.labels, np.array(labels))
        # Examples sorted by label: the examples of a label are then one block of rows.
        order = np.argsort(classes, kind="stable")
        self._vectors = np.ascontiguousarray(vectors[order], dtype=np.float32)
        self._edges = np.searchsorted(classes[order], np.arange(len(self.labels) + 1))
        return self

    def _features(self, words: Vectors, vectors: Vectors) -> Vectors:
        return np.hstack([vectors, self.words_weight * words]).astype(np.float32)

    def likeness(self, vectors: Vectors) -> Vectors:
        """Mean similarity to each label's nearest examples, shape (sentences, labels)."""
        similarities = np.asarray(vectors, dtype=np.float32) @ self._vectors.T
        return np.stack([nearest_mean(similarities[:, rows], self.neighbours) for rows in self._rows()], axis=1)

    def _rows(self) -> list[slice]:
        return [slice(first, end) for first, end in zip(self._edges[:-1], self._edges[1:])]

    def _linear(self, sentences: Sequence[str], vectors: Vectors) -> Vectors:
        return self._regression.logits(self._features(self._words.transform(sentences), vectors))

    def scores(self, sentences: Sequence[str], vectors: Vectors) -> tuple[Vectors, Vectors]:
        """Belief in each label (rows sum to 1) and likeness to it, both of shape (sentences, labels)."""
        likeness = self.likeness(vectors)
        return shares(self._linear(sentences, vectors) + self.neighbour_weight * likeness), likeness

    def rank(self, sentence: str, vector: Vectors, length: int = 8) -> list[Ranked]:
        """The best `length` labels for one sentence, best first."""
        return self.rank_together([Reading(sentence, vector)], length)

    def rank_together(
        self, readings: Sequence[Reading], length: int = 8, less: Mapping[str, float] | None = None
    ) -> list[Ranked]:
        """The best `length` labels for a message that can be read in several ways, best first.

        The beliefs of the readings are added before they are shared out: what one reading is sure of outweighs what
        another leaves open. `less` is taken from the belief in a label; its familiarity stays.

        Only labels that the linear part of a reading finds likely are compared with their examples: the others hardly
        ever win, and comparing with all takes four times as long (docs/understanding.md).
        """
        rows = [reading.vector.reshape(1, -1).astype(np.float32) for reading in readings]
        linear = np.stack([self._linear([reading.sentence], row)[0] for reading, row in zip(readings, rows)])
        compared = max(length, self.compared)
        likely = np.unique(np.concatenate([np.argsort(-each)[:compared] for each in linear]))
        examples = self._rows()
        blocks = [examples[label] for label in likely]
        likeness = np.array(
            [[nearest_mean(row @ self._vectors[block].T, self.neighbours)[0] for block in blocks] for row in rows]
        )
        familiarity = linear[:, likely] + self.neighbour_weight * likeness
        joined = np.array([reading.weight for reading in readings]) @ familiarity
        if less:
            joined -= np.array([less.get(str(self.labels[label]), 0.0) for label in likely])
        belief = shares(joined[np.newaxis])[0]
        most = familiarity.max(axis=0)
        best = np.argsort(-belief, kind="stable")[:length]
        return [Ranked(str(self.labels[likely[at]]), float(belief[at]), float(most[at])) for at in best]
