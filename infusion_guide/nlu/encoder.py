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
from infusion_guide.nlu.sentence_encoder import SentenceEncoder
from infusion_guide.text.questions import questions
from infusion_guide.text.sentences import parts
from infusion_guide.text.word_vectors import Vectors

# Where the sentences and the questions of a live message stand in it, with their vectors; and a short message with
# what was spoken of before it.
PARTS, QUESTIONS, THREAD = "parts", "question_parts", "thread_part"
# What a message's metadata calls the question that was answered last, in the knowledge's words.
SPOKEN_OF = "spoken_of"
# A longer message says by itself what it is about.
SHORT = 8


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


def in_thread(message: Message) -> list[str]:
    """A short message after the question that was answered last: "What is IVIG? and where does it come from"."""
    spoken_of = (message.get("metadata") or {}).get(SPOKEN_OF)
    text = spelled(message)
    return [f"{spoken_of} {text}"] if spoken_of and len(text.split()) <= SHORT else []


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
            self._encoder = SentenceEncoder(Path(scratch), threads=2)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Vectors for the labelled examples."""
        self._add_vectors(labelled_examples(training_data))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Vectors for live messages."""
        self._add_vectors([message for message in messages if message.get(TEXT)], with_parts=True)
        return messages

    @property
    def encoder(self) -> SentenceEncoder | None:
        """The trained encoder, for those who need vectors when Rasa does not answer."""
        return self._encoder

    def _add_vectors(self, messages: list[Message], with_parts: bool = False) -> None:
        if self._encoder is None or not messages:
            return
        sentences = [parts(spelled(message)) if with_parts else [spelled(message)] for message in messages]
        asked = [questions(spelled(message)) if with_parts else [] for message in messages]
        threads = [in_thread(message) if with_parts else [] for message in messages]
        texts = [text for each in zip(sentences, asked, threads) for kind in each for text in kind]
        vectors = self._encoder.encode(texts)
        at = 0
        for message, *kinds in zip(messages, sentences, asked, threads):
            message.add_features(Features(vectors[at : at + 1], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
            for kind, own in zip((PARTS, QUESTIONS, THREAD), kinds):
                if with_parts:
                    message.set(kind, Parts(tuple(own), vectors[at : at + len(own)]))
                at += len(own)


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
