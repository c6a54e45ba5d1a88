"""The learned part: which sign a message is about, and whether it is happening now, from labelled reports and mentions.

Two questions, so two regressions over the sentence vector (design, section 4): the status over everything that patients
write, the sign over what mentions one. Each is joined with the likeness to the nearest known
reports and mentions, which knows wording that is too rare for a regression (docs/safety.md has the figures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from infusion_guide.text.regression import Regression, nearest_mean, shares
from infusion_guide.text.word_vectors import Vectors

STRENGTH, ROUNDS = 20.0, 80
NEAREST = 3
ROWS_AT_ONCE = 2000
# How many ordinary messages reports are told from by likeness: those that look most like a report. All of them would
# take milliseconds a message, and tell no more (docs/safety.md).
ORDINARY_COMPARED = 6000
# What it adds to the belief in a present sign to be nearer to reports than to all else, and to that in one sign.
STATUS_LIKENESS, SIGN_LIKENESS = 45.0, 40.0
NO_SIGN = "none"
PRESENT, ORDINARY = "present", "ordinary"


@dataclass(frozen=True)
class SignExample:
    """A message with the sign it is about (`none`: no sign) and the status of that sign."""

    text: str
    sign: str
    status: str


@dataclass(frozen=True)
class Belief:
    """What the learned part believes of a message: that a sign is present (0 to 1), and which (shares, sum 1).

    `most` is the highest belief in a present sign that one of its sentences gets by itself.
    """

    present: float
    signs: Mapping[str, float]
    most: float = 0.0


def _most_alike(ordinary: list[int], vectors: Vectors, reports: Vectors) -> list[int]:
    """The rows `ordinary` of `vectors`, those most like a report first."""
    blocks = [ordinary[at : at + ROWS_AT_ONCE] for at in range(0, len(ordinary), ROWS_AT_ONCE)]
    likeness = [float(value) for block in blocks for value in nearest_mean(vectors[block] @ reports.T, NEAREST)]
    return [ordinary[at] for at in np.argsort(-np.array(likeness), kind="stable")]


class SignClassifier:
    """Believes how likely a sign is present in a message, and which one."""

    def fit(self, examples: Sequence[SignExample], vectors: Vectors) -> SignClassifier:
        """Learn from examples; `vectors` are their unit vectors, one row an example.

        Raises:
            ValueError: there is no report, or no mention.
        """
        present = [example.status == PRESENT for example in examples]
        if not any(present) or all(present):
            raise ValueError("warning signs need reports and mentions to learn from")
        features = np.asarray(vectors, dtype=np.float32)
        statuses = [PRESENT if p else "mention" for p in present]
        self._status = Regression.fit(features, statuses, strength=STRENGTH, rounds=ROUNDS)
        about = [at for at, example in enumerate(examples) if example.sign != NO_SIGN]
        self._signs = Regression.fit(
            features[about],
            [examples[at].sign for at in about],
            strength=STRENGTH,
            rounds=ROUNDS,
            weights=[3.0 if present[at] else 0.5 for at in about],
        )
        # Reports sorted by sign: those of a sign are then one block of rows.
        reports = sorted((at for at in about if present[at]), key=lambda at: examples[at].sign)
        mentions = [at for at, example in enumerate(examples) if not present[at] and example.status != ORDINARY]
        ordinary = [at for at, example in enumerate(examples) if example.status == ORDINARY]
        self._reports = np.ascontiguousarray(vectors[reports], dtype=np.float32)
        compared = mentions + _most_alike(ordinary, features, self._reports)[:ORDINARY_COMPARED]
        self._others = np.ascontiguousarray(vectors[compared], dtype=np.float32)
        self._edges = np.searchsorted([examples[at].sign for at in reports], [*self._signs.labels, chr(0x10FFFF)])
        return self

    def believe(self, vectors: Vectors) -> list[Belief]:
        """The beliefs about sentences by their unit vectors, one row a sentence, in their order."""
        features = np.asarray(vectors, dtype=np.float32)
        reports = features @ self._reports.T
        logits = self._status.logits(features)
        at = self._status.labels.index(PRESENT)
        nearer = nearest_mean(reports, NEAREST) - nearest_mean(features @ self._others.T, NEAREST)
        present = _sigmoid(logits[:, at] - logits[:, 1 - at] + STATUS_LIKENESS * nearer)
        signs = shares(self._signs.logits(features) + SIGN_LIKENESS * self._likeness(reports))
        return [
            Belief(float(likely), dict(zip(self._signs.labels, row.tolist()))) for likely, row in zip(present, signs)
        ]

    def _likeness(self, reports: Vectors) -> Vectors:
        """The similarity to the nearest reports of each sign; to one without reports, none."""
        columns = [
            nearest_mean(reports[:, first:end], NEAREST) if end > first else np.zeros(len(reports), dtype=np.float32)
            for first, end in zip(self._edges, self._edges[1:])
        ]
        return np.stack(columns, axis=1)


def _sigmoid(values: Vectors) -> Vectors:
    result: Vectors = 1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0)))
    return result
