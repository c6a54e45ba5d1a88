"""Regression: a linear classifier over sentence vectors as plain numbers, and the likeness to known sentences."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from infusion_guide.text.word_vectors import Vectors


@dataclass
class Regression:
    """A fitted logistic regression: scikit-learn's checks cost more than the arithmetic of one sentence."""

    labels: list[str]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        features: Vectors,
        labels: Sequence[str],
        *,
        strength: float,
        rounds: int,
        weights: Sequence[float] | None = None,
    ) -> Regression:
        """Learn from `features`, one row an example; `strength` is the inverse of the regularization."""
        regression = LogisticRegression(C=strength, max_iter=rounds, tol=1e-3)
        with warnings.catch_warnings():
            # So few rounds are meant: the last ones cost half the training and moved no figure of the held-out sets.
            warnings.simplefilter("ignore", ConvergenceWarning)
            regression.fit(features, labels, sample_weight=weights)
        coefficients, intercepts = regression.coef_, regression.intercept_
        if len(regression.classes_) == 2:  # scikit-learn keeps a single row for two classes
            coefficients = np.vstack([-coefficients, coefficients]) / 2
            intercepts = np.hstack([-intercepts, intercepts]) / 2
        return cls(
            [str(label) for label in regression.classes_],
            np.ascontiguousarray(coefficients.T, dtype=np.float32),
            intercepts.astype(np.float32),
        )

    def logits(self, features: Vectors) -> Vectors:
        """The unscaled belief in each label, one row a sentence."""
        logits: Vectors = features @ self.weights + self.bias
        return logits


def shares(logits: Vectors) -> Vectors:
    """Unscaled beliefs as shares: each row sums to 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Vectors = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def nearest_mean(similarities: Vectors, count: int) -> Vectors:
    """The mean of the `count` highest similarities in each row, or of all where there are fewer."""
    count = min(count, similarities.shape[1])
    at = similarities.shape[1] - count
    mean: Vectors = np.partition(similarities, at, axis=1)[:, at:].mean(axis=1)
    return mean
