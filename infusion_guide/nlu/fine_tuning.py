"""Fine-tuning: sharpens the sentence encoder on our own examples and exports it to ONNX (training only).

Every label has a prototype vector; a sentence is drawn to its label's and away from all others' (normalised softmax
with temperature). All labels take part in every step, so it needs fewer steps than a contrastive loss
over the labels that a batch happens to hold; docs/understanding.md has the comparison. TensorFlow comes with Rasa.
"""

from __future__ import annotations

import logging
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from infusion_guide.knowledge.examples import MENTION, REPORT
from infusion_guide.nlu.sentence_encoder import load_tokenizer, packaged_model_folder

if TYPE_CHECKING:
    import tensorflow

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FineTuning:
    """How the encoder is fine-tuned; with no steps it is exported as it is."""

    steps: int = 380
    # No more passes than these: a small set learnt by heart looks familiar with everything (docs/understanding.md).
    passes: int = 3
    batch_size: int = 96
    temperature: float = 0.05
    learning_rate: float = 1.5e-4
    prototype_learning_rate: float = 1e-3
    # The share of the last steps whose weights are averaged: their mean lies nearer the middle of what is good.
    averaged: float = 0.4
    max_tokens: int = 48
    seed: int = 11


# Which kinds of label compete for a sentence. A mention of a sign ("can it cause a rash") may ask for an answer too, so
# mentions are told apart from reports only; questions are told apart from reports, not from mentions.
_RIVALS = {
    "question": ("question", "report"),
    "report": ("question", "report", "mention"),
    "mention": ("report", "mention"),
}
_EVERY = 4


def kind_of(label: str) -> str:
    """Whether a label is a question's, that of a reported sign, or that of a mention of one."""
    return {REPORT: "report", MENTION: "mention"}.get(label.split("/")[0], "question")


def rivals(labels: Sequence[str]) -> NDArray[np.float32]:
    """For each label (row) 1 at those labels that compete with it, itself among them, else 0."""
    kinds = [kind_of(label) for label in labels]
    return np.array([[float(other in _RIVALS[kind]) for other in kinds] for kind in kinds], dtype=np.float32)


def batches(lengths: Sequence[int], tuning: FineTuning) -> list[list[int]]:
    """`steps` batches of indices of sentences of like length; every sentence comes before one comes again.

    Padding short sentences to a long one would take more time than the sentences themselves.
    """
    chance = random.Random(tuning.seed)
    plan: list[list[int]] = []
    size = tuning.batch_size
    while len(plan) < tuning.steps:
        order = chance.sample(range(len(lengths)), len(lengths))
        shuffled: list[list[int]] = []
        for start in range(0, len(order), size * 16):
            alike = sorted(order[start : start + size * 16], key=lambda index: lengths[index])
            shuffled += [alike[at : at + size] for at in range(0, len(alike), size)]
        plan += chance.sample(shuffled, len(shuffled))
    return plan[: tuning.steps]


def _pooled(model: Any, ids: Any, mask: Any, training: bool) -> Any:
    import tensorflow as tf

    hidden = model(input_ids=ids, attention_mask=mask, training=training).last_hidden_state
    weights = tf.cast(mask, tf.float32)[:, :, tf.newaxis]
    mean = tf.reduce_sum(tf.cast(hidden, tf.float32) * weights, axis=1) / tf.maximum(
        tf.reduce_sum(weights, axis=1), 1e-9
    )
    return tf.math.l2_normalize(mean, axis=1)


def _tokens(tokenizer: Any, sentences: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Token ids and attention mask of `sentences`, padded to the longest of them."""
    encodings = tokenizer.encode_batch(list(sentences))
    ids = np.array([encoding.ids for encoding in encodings], dtype=np.int32)
    return ids, np.array([encoding.attention_mask for encoding in encodings], dtype=np.int32)


def _prototypes(model: Any, tokenizer: Any, sentences: Sequence[str], classes: NDArray[np.int32]) -> Any:
    """Where the prototypes begin: the mean vector of a few sentences of each class, by the encoder as it is."""
    means = []
    for number in range(int(classes.max()) + 1):
        chosen = np.flatnonzero(classes == number)[:8]
        ids, mask = _tokens(tokenizer, [sentences[index] for index in chosen])
        mean = _pooled(model, ids, mask, training=False).numpy().mean(axis=0)
        means.append(mean / np.linalg.norm(mean))
    return np.stack(means)


def has_half_precision(facts: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies matrices of 16 bits (bfloat16) by itself, which takes two thirds of the time."""
    return facts.exists() and "bf16" in facts.read_text(encoding="utf-8")


@contextmanager
def half_precision(wanted: bool) -> Iterator[None]:
    """Layers built meanwhile compute with 16 bits where `wanted`; their weights keep 32."""
    from tensorflow.keras import mixed_precision

    before = mixed_precision.global_policy()
    mixed_precision.set_global_policy("mixed_bfloat16" if wanted else before)
    try:
        yield
    finally:
        mixed_precision.set_global_policy(before)


def fine_tune(sentences: Sequence[str], labels: Sequence[str], folder: Path, tuning: FineTuning) -> None:
    """Fine-tune the packaged encoder on labelled sentences and write `encoder.onnx` and `tokenizer.json` to `folder`.

    With no sentences, or no steps, the packaged encoder is exported as it is.

    Raises:
        EncoderWeightsError: the packaged weights are missing or not the pinned ones.
    """
    import tensorflow as tf
    from transformers import TFBertModel
    from transformers.utils import logging as transformers_logging

    # Its note on unused pooler weights reads like an error and is none.
    transformers_logging.set_verbosity_error()
    source = packaged_model_folder()
    tf.keras.utils.set_random_seed(tuning.seed)
    model = TFBertModel.from_pretrained(str(source))
    if sentences and tuning.steps:
        most = -(-tuning.passes * len(sentences) // tuning.batch_size)
        with half_precision(has_half_precision()):
            quick = TFBertModel.from_pretrained(str(source))
        _train(quick, sentences, labels, source, replace(tuning, steps=min(tuning.steps, most)))
        model.set_weights(quick.get_weights())
    _export(model, folder, source)


def _train(model: Any, sentences: Sequence[str], labels: Sequence[str], source: Path, tuning: FineTuning) -> None:
    import tensorflow as tf

    tokenizer = load_tokenizer(source / "tokenizer.json")
    tokenizer.enable_truncation(tuning.max_tokens)
    names = sorted(set(labels))
    classes = np.searchsorted(np.array(names), np.array(labels)).astype(np.int32)
    competing = tf.constant(rivals(names))
    prototypes = tf.Variable(_prototypes(model, tokenizer, sentences, classes), dtype=tf.float32)
    optimizer = tf.keras.optimizers.Adam(tuning.learning_rate)
    prototype_optimizer = tf.keras.optimizers.Adam(tuning.prototype_learning_rate)
    # The word pieces stay as they are: nothing is lost by it, and their tables are half of all weights.
    trained = [variable for variable in model.trainable_variables if "/embeddings/" not in variable.name]

    def step(ids: tensorflow.Tensor, mask: tensorflow.Tensor, targets: tensorflow.Tensor) -> tensorflow.Tensor:
        with tf.GradientTape() as tape:
            # Without dropout: in so few passes nothing is learnt by heart (docs/understanding.md).
            vectors = _pooled(model, ids, mask, training=False)
            towards = tf.math.l2_normalize(prototypes, axis=1)
            against = tf.gather(competing, targets)
            logits = tf.matmul(vectors, towards, transpose_b=True) / tuning.temperature - (1 - against) * 1e4
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        gradients = tape.gradient(loss, [*trained, prototypes])
        optimizer.apply_gradients([(g, v) for g, v in zip(gradients[:-1], trained) if g is not None])
        prototype_optimizer.apply_gradients([(gradients[-1], prototypes)])
        return loss

    row = tf.TensorSpec([None, None], tf.int32)
    fast_step = tf.function(step, input_signature=[row, row, tf.TensorSpec([None], tf.int32)])
    lengths = [sum(encoding.attention_mask) for encoding in tokenizer.encode_batch(list(sentences))]
    started, losses = time.monotonic(), 0.0
    means, taken = [np.zeros(variable.shape, dtype=np.float64) for variable in trained], 0
    for number, batch in enumerate(batches(lengths, tuning), start=1):
        # Linear warm-up over a tenth, then linear decay: the last steps should not undo the first.
        progress = number / tuning.steps
        optimizer.learning_rate.assign(tuning.learning_rate * min(progress / 0.1, (1.02 - progress) / 0.92))
        ids, mask = _tokens(tokenizer, [sentences[index] for index in batch])
        losses += float(fast_step(tf.constant(ids), tf.constant(mask), tf.constant(classes[batch])))
        if progress > 1 - tuning.averaged and number % _EVERY == 0:
            taken += 1
            for mean, variable in zip(means, trained):
                mean += (variable.numpy() - mean) / taken
        if number % 25 == 0 or number == tuning.steps:
            loss, seconds = losses / ((number - 1) % 25 + 1), time.monotonic() - started
            logger.warning("encoder: step %d of %d, loss %.2f, %.0f s", number, tuning.steps, loss, seconds)
            losses = 0.0
    if taken:
        for mean, variable in zip(means, trained):
            variable.assign(mean.astype(np.float32))


@contextmanager
def _without_passes() -> Iterator[None]:
    """Let tf2onnx convert without its optimizing passes (`tf2onnx.optimizer._optimizers`).

    Before each of a dozen it copies the whole graph, two or three times over: three quarters of the export. onnxruntime
    does the same when it loads the file; vectors and speed are the same.
    """
    from tf2onnx import optimizer

    passes = dict(optimizer._optimizers)
    optimizer._optimizers.clear()
    try:
        yield
    finally:
        optimizer._optimizers.update(passes)


def _export(model: Any, folder: Path, source: Path) -> None:
    """Write the model with its pooling as `encoder.onnx`, its matrices in 8 bits, its tokenizer beside it.

    A vector takes a third of the time, and turns a little (docs/understanding.md): the ranking is taught such vectors.
    """
    import onnx
    import tensorflow as tf
    import tf2onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    def encode(input_ids: tensorflow.Tensor, attention_mask: tensorflow.Tensor) -> tensorflow.Tensor:
        return _pooled(model, input_ids, attention_mask, training=False)

    signature = [tf.TensorSpec([None, None], tf.int32, name=name) for name in ("input_ids", "attention_mask")]
    with _without_passes():
        proto, _ = tf2onnx.convert.from_function(tf.function(encode), input_signature=signature, opset=15)
    # onnxruntime advises to infer shapes first; tf2onnx has done so.
    proto.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    full = folder / "full.onnx"
    onnx.save(proto, str(full))
    # A scale for each column; with one for a whole matrix vectors turn five times as far.
    quantize_dynamic(
        full,
        folder / "encoder.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    full.unlink()
    shutil.copyfile(source / "tokenizer.json", folder / "tokenizer.json")
