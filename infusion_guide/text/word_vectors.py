"""Word vectors: short vectors from the words and letters of a sentence, beside the encoder's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from infusion_guide.text.folding import folded

Vectors = NDArray[np.float32]


class WordVectors:
    """Short vectors from the words and letters of a sentence: tf-idf, reduced by a singular value decomposition.

    Fitted with scikit-learn; read with plain numpy, because scikit-learn's checks cost ten times the arithmetic when a
    single sentence is transformed.
    """

    def __init__(self, size: int) -> None:
        self._size = size

    def fit(self, sentences: Sequence[str]) -> Vectors:
        """Learn from `sentences` and return their unit vectors, one row a sentence."""
        vectorizers = (
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=40000),
        )
        texts = [folded(sentence) for sentence in sentences]
        counts = sparse.hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers]).tocsr()
        reduction = TruncatedSVD(min(self._size, counts.shape[1] - 1), n_iter=2, random_state=7).fit(counts)
        self._analyzers: list[Callable[[str], Iterable[str]]] = [v.build_analyzer() for v in vectorizers]
        self._vocabularies: list[dict[str, int]] = [dict(v.vocabulary_) for v in vectorizers]
        self._idf = [v.idf_.astype(np.float32) for v in vectorizers]
        self._offsets = [0, len(self._vocabularies[0])]
        # In 16 bits: half the memory.
        self._projection = np.ascontiguousarray(reduction.components_.T, dtype=np.float16)
        # As `transform` does it, for all at once.
        vectors = np.asarray(counts @ self._projection.astype(np.float32), dtype=np.float32)
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return unit

    def transform(self, sentences: Sequence[str]) -> Vectors:
        """Unit vectors of `sentences`, one row a sentence; a sentence of unknown words gets zeros."""
        return np.stack([self._transform(folded(sentence)) for sentence in sentences])

    def _transform(self, text: str) -> Vectors:
        total = np.zeros(self._projection.shape[1], dtype=np.float32)
        for analyze, vocabulary, idf, offset in zip(self._analyzers, self._vocabularies, self._idf, self._offsets):
            counts = Counter(number for number in map(vocabulary.get, analyze(text)) if number is not None)
            if not counts:
                continue
            at = np.fromiter(counts.keys(), dtype=np.int64)
            weights = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float32))) * idf[at]
            total += (weights / np.linalg.norm(weights)) @ self._projection[at + offset]
        return total / max(float(np.linalg.norm(total)), 1e-6)
