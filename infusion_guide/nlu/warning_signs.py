"""Warning signs in Rasa's pipeline: trains the learned part and puts a sign before any question."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from infusion_guide.knowledge.examples import REPORT
from infusion_guide.knowledge.files import read_warning_signs
from infusion_guide.knowledge.schema import SETTINGS
from infusion_guide.nlu.correction import spelled
from infusion_guide.nlu.encoder import PARTS, EncoderFeaturizer, Parts, labelled_examples, vector_of
from infusion_guide.nlu.fingerprints import code_digest
from infusion_guide.safety import classifier
from infusion_guide.safety.classifier import NO_SIGN, SignClassifier, SignExample
from infusion_guide.safety.detector import Detector
from infusion_guide.settings import read_settings
from infusion_guide.text import regression

# Where a parsed message, and so `tracker.latest_message`, holds the setting that door or words tell, and the sign that
# was found for each setting.
SIGNS = "warning_signs"


def _example(message: Message) -> SignExample:
    """A training example as the learned part sees it: what is about no sign is an ordinary message."""
    metadata = (message.get("metadata") or {}).get(INTENT) or {}
    return SignExample(spelled(message), str(metadata.get("sign", NO_SIGN)), str(metadata.get("status", "ordinary")))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WarningSignDetector(IntentClassifier, GraphComponent):  # type: ignore[misc]
    """Sets the intent `warning_sign` where a message reports one, whatever else it says."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The encoder must stand before this component."""
        return [EncoderFeaturizer]

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        classifier: SignClassifier | None = None,
        detector: Detector | None = None,
    ) -> None:
        self._storage, self._resource = storage, resource
        self._classifier, self._detector = classifier, detector

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WarningSignDetector:
        """A component that is not trained yet."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WarningSignDetector:
        """The trained component out of the model, with the rules of knowledge/warning_signs.yml as they stand now."""
        with model_storage.read_from(resource) as folder:
            # The file is our own, written by `train` below into the model that Rasa has just unpacked.
            classifier = pickle.loads((folder / "signs.pickle").read_bytes())
        knowledge = read_warning_signs(read_settings().knowledge)
        return cls(model_storage, resource, classifier, Detector(knowledge, classifier))

    @property
    def detector(self) -> Detector | None:
        """The detector, for those who must read a message when Rasa does not answer."""
        return self._detector

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What besides settings and data makes the trained component: the code it calls."""
        return code_digest(classifier, regression)

    def train(self, training_data: TrainingData) -> Resource:
        """Teach the learned part the reports, the mentions, and all other messages as ordinary ones."""
        examples = labelled_examples(training_data)
        vectors = np.stack([vector_of(message) for message in examples])
        self._classifier = SignClassifier().fit([_example(message) for message in examples], vectors)
        with self._storage.write_to(self._resource) as folder:
            (folder / "signs.pickle").write_bytes(pickle.dumps(self._classifier))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the detection for each setting on each message; a sign in the likely one takes the intent."""
        for message in messages:
            parts: Parts | None = message.get(PARTS)
            if self._detector is None or parts is None:
                continue
            assessment = self._detector.assess(message.get(TEXT), parts.vectors)
            door = (message.get("metadata") or {}).get("setting", "unknown")
            # Where door and words leave the setting open, the conversation may know it: the action decides.
            settings = (door,) if door in SETTINGS[:2] else SETTINGS
            found = {setting: assessment.in_setting(setting) for setting in settings}
            signs = {setting: asdict(detection) for setting, detection in found.items() if detection}
            told = door if door in SETTINGS[:2] else assessment.reading.setting
            message.set(SIGNS, {"setting": told, "found": signs}, add_to_output=True)
            if signs:
                message.set(INTENT, {"name": REPORT, "confidence": assessment.belief.present}, add_to_output=True)
        return messages
