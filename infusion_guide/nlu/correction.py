"""Spelling in Rasa's pipeline: short forms written out and slips set right, for encoder and answer selection."""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from infusion_guide.nlu.fingerprints import code_digest
from infusion_guide.text import short_forms, spelling
from infusion_guide.text.short_forms import PREFIX, ShortForms
from infusion_guide.text.spelling import Speller

# Where the corrected spelling stands in a message; its text stays as it was written.
SPELLED = "spelled"


def short_forms_of(training_data: TrainingData) -> dict[str, list[str]]:
    """The lookup tables of data/nlu/short_forms.yml."""
    tables = {table["name"]: table["elements"] for table in training_data.lookup_tables}
    return {name: words for name, words in tables.items() if name.startswith(f"{PREFIX}.") and isinstance(words, list)}


def spelled(message: Message) -> str:
    """The message as it is understood: spelling corrected where this component has been, else as written."""
    return str(message.get(SPELLED) or message.get(TEXT))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(GraphComponent):  # type: ignore[misc]
    """Writes short forms out and corrects spelling by the words of the examples."""

    def __init__(self, storage: ModelStorage, resource: Resource, speller: Speller | None = None) -> None:
        self._storage, self._resource, self._speller = storage, resource, speller

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingCorrector:
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
    ) -> SpellingCorrector:
        """The trained component out of the model."""
        with model_storage.read_from(resource) as folder:
            known = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        return cls(model_storage, resource, Speller(known["words"], short_forms=ShortForms(known["short_forms"])))

    @property
    def speller(self) -> Speller | None:
        """The trained speller, for those who must read a message when Rasa does not answer."""
        return self._speller

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What besides settings and data makes the trained component: the code it calls."""
        return code_digest(spelling, short_forms)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the examples and keep them in the model."""
        tables = short_forms_of(training_data)
        self._speller = Speller.learn(
            (message.get(TEXT) for message in training_data.intent_examples), short_forms=ShortForms(tables)
        )
        known = {"words": self._speller.words, "short_forms": tables}
        with self._storage.write_to(self._resource) as folder:
            (folder / "words.json").write_text(json.dumps(known), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Correct the examples: what is learnt is what will be read."""
        self.process(training_data.intent_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the corrected spelling on each message that has a text."""
        for message in messages:
            if self._speller is not None and message.get(TEXT):
                message.set(SPELLED, self._speller.corrected(message.get(TEXT)))
        return messages
