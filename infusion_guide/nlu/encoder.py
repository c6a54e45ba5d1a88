"""The encoder in Rasa's pipeline: a dense featurizer that is fine-tuned in training and runs as ONNX afterwards."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from infusion_guide.knowledge.examples import MENTION, REPORT, label_of
from infusion_guide.nlu import fine_tuning, sentence_encoder
from infusion_guide.nlu.correction import spelled
from infusion_guide.nlu.fine_tuning import FineTuning, fine_tune
from infusion_guide.nlu.fingerprints import code_digest
from infusion_guide.nlu.sentence_encoder import SentenceEncoder, encode_many
from infusion_guide.text.questions import questions
from infusion_guide.text.sentences import parts
from infusion_guide.text.word_vectors import Vectors

# Where the sentences and the questions of a live message stand in it, with their vectors; and a short message with
# what was spoken of before it.
PARTS, QUESTIONS, THREAD = "parts", "question_parts", "thread_part"
# What a message's metadata calls what was spoken of last: its label and, in the knowledge's words, the question.
SPOKEN_OF = "spoken_of"
LABEL, WORDS = "label", "words"
# A longer message says by itself what it is about.
SHORT = 8
# How many processes share the encoding of the examples in training.
_PROCESSES = 2


@dataclass(frozen=True)
class Parts:
    """Parts of a message, spelling corrected, with their vectors, one row a part."""

    texts: tuple[str, ...]
    vectors: Vectors


def label_of_message(message: Message) -> str:
    """What a training example asks for; an example's block carries it in its metadata (design, section 3)."""
    metadata = (message.get("metadata") or {}).get(INTENT) or {}
    return label_of(str(message.get(INTENT)), metadata)


def asks_for_an_answer(message: Message) -> bool:
    """Whether a training example asks for a curated answer."""
    return "answer" in ((message.get("metadata") or {}).get(INTENT) or {})


def labelled_examples(training_data: TrainingData) -> list[Message]:
    """The examples that have a text and an intent."""
    return [message for message in training_data.intent_examples if message.get(TEXT) and message.get(INTENT)]


def is_about_signs(message: Message) -> bool:
    """Whether a training example is a report or a mention of a warning sign: no question for an answer."""
    return message.get(INTENT) in (REPORT, MENTION)


def _spoken_of(message: Message) -> dict[str, str]:
    return (message.get("metadata") or {}).get(SPOKEN_OF) or {}


def label_spoken_of(message: Message) -> str:
    """The label of what was spoken of last, empty where nothing was."""
    return _spoken_of(message).get(LABEL, "")


def in_thread(message: Message) -> list[str]:
    """A short message after what was spoken of last: "What is IVIG? and where does it come from"."""
    words, text = _spoken_of(message).get(WORDS), spelled(message)
    return [f"{words} {text}"] if words and len(text.split()) <= SHORT else []


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):  # type: ignore[misc]
    """Gives every message the sentence vector of the fine-tuned encoder."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`steps` of fine-tuning."""
        tuning = FineTuning()
        return {
            **DenseFeaturizer.get_default_config(),
            "steps": tuning.steps,
        }

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        storage: ModelStorage,
        resource: Resource,
        encoder: SentenceEncoder | None,
    ) -> None:
        super().__init__(name, config)
        self.validate_config(self._config)
        self._storage, self._resource, self._encoder = storage, resource, encoder

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        """A component that is not trained yet."""
        return cls(config, execution_context.node_name, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EncoderFeaturizer:
        """The trained component out of the model."""
        # The folder of a model's resource is gone once the `with` ends; onnxruntime reads the file at once.
        with model_storage.read_from(resource) as folder:
            encoder = SentenceEncoder(Path(folder))
        return cls(config, execution_context.node_name, model_storage, resource, encoder)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse settings that cannot train.

        Raises:
            ValueError: steps is negative.
        """
        if int(config["steps"]) < 0:
            raise ValueError("EncoderFeaturizer: steps must not be negative")

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What besides settings and data makes the trained component: the code it calls."""
        return code_digest(fine_tuning, sentence_encoder)

    def train(self, training_data: TrainingData) -> Resource:
        """Fine-tune on the labelled examples and keep the ONNX file in the model."""
        examples = labelled_examples(training_data)
        with TemporaryDirectory() as scratch:
            fine_tune(
                [spelled(message) for message in examples],
                [label_of_message(message) for message in examples],
                Path(scratch),
                FineTuning(steps=int(self._config["steps"])),
            )
            with self._storage.write_to(self._resource) as folder:
                shutil.copytree(scratch, folder, dirs_exist_ok=True)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Vectors for the labelled examples."""
        examples = labelled_examples(training_data)
        with self._storage.read_from(self._resource) as folder:
            vectors = encode_many(Path(folder), [spelled(message) for message in examples], _PROCESSES)
        for message, vector in zip(examples, vectors):
            self._add_vector(message, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Vectors for live messages."""
        for message in messages:
            if self._encoder is not None and message.get(TEXT):
                self._read(message, self._encoder)
        return messages

    @property
    def encoder(self) -> SentenceEncoder | None:
        """The trained encoder, for those who need vectors when Rasa does not answer."""
        return self._encoder

    def _read(self, message: Message, encoder: SentenceEncoder) -> None:
        """Add the vectors of the message, and those of its sentences, its questions, and of it in the thread."""
        kinds = [parts(spelled(message)), questions(spelled(message)), in_thread(message)]
        vectors = encoder.encode([text for kind in kinds for text in kind])
        self._add_vector(message, vectors[0])
        at = 0
        for name, texts in zip((PARTS, QUESTIONS, THREAD), kinds):
            message.set(name, Parts(tuple(texts), vectors[at : at + len(texts)]))
            at += len(texts)

    def _add_vector(self, message: Message, vector: Vectors) -> None:
        message.add_features(Features(vector[np.newaxis], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))


def vector_of(message: Message) -> Vectors:
    """The sentence vector of a message.

    Raises:
        ValueError: EncoderFeaturizer has not been before in the pipeline.
    """
    features = message.get_dense_features(TEXT)[1]
    if features is None:
        raise ValueError("the vectors of EncoderFeaturizer are missing: it must stand before in the pipeline")
    vector: Vectors = np.asarray(features.features, dtype=np.float32)[0]
    return vector
