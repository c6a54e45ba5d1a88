"""Entities in Rasa's pipeline: the therapy and the condition that a message names."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from infusion_guide.nlu.language import LanguageReader

Words = dict[str, dict[str, dict[str, list[str]]]]


def words_of(training_data: TrainingData) -> Words:
    """The names in the lookup tables `<entity>.<value>.<strength>` of data/nlu/names.yml."""
    words: Words = defaultdict(lambda: defaultdict(dict))
    for table in training_data.lookup_tables:
        if table["name"].count(".") == 2 and isinstance(table["elements"], list):
            entity, value, strength = table["name"].split(".")
            words[entity][value][strength] = table["elements"]
    return words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class NamesExtractor(EntityExtractorMixin, GraphComponent):  # type: ignore[misc]
    """Finds therapies and conditions; an entity's `role` tells a name (`explicit`) from a mere hint (`hint`)."""

    def __init__(self, storage: ModelStorage, resource: Resource, words: Words | None = None) -> None:
        self._storage, self._resource = storage, resource
        self._reader = LanguageReader(words) if words else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NamesExtractor:
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
    ) -> NamesExtractor:
        """The trained component out of the model."""
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        return cls(model_storage, resource, words)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the names of the lookup tables in the model."""
        with self._storage.write_to(self._resource) as folder:
            (folder / "names.json").write_text(json.dumps(words_of(training_data)), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities `therapy` and `condition` to each message."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._reader is None:
                continue
            found = [
                {
                    "entity": mention.entity,
                    "value": mention.value,
                    "start": mention.start,
                    "end": mention.end,
                    "role": mention.strength,
                }
                for mention in self._reader.read(text)
            ]
            entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
