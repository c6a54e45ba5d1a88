"""Quick merging: cheap copies and hashes of examples while a model is trained.

Rasa merges the files of examples one after the other and once more for each importer
(`rasa.shared.nlu.training_data.training_data.TrainingData.merge`, `rasa.shared.importers.importer`). Each time it
copies every example with `copy.deepcopy` and hashes it by a digest of all that it holds, to find doubles.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message


def _plain_copy(value: Any) -> Any:
    """A copy that shares nothing that could change; what examples hold is text in lists and dictionaries."""
    if isinstance(value, dict):
        return {key: _plain_copy(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_plain_copy(held) for held in value]
    return value if value is None or isinstance(value, (str, int, float)) else copy.deepcopy(value)


def _copy(message: Message, memo: dict[int, Any]) -> Message:
    twin = copy.copy(message)
    twin.data = _plain_copy(message.data)
    twin.features = copy.deepcopy(message.features, memo) if message.features else []
    twin.output_properties = set(message.output_properties)
    return twin


def _hash(message: Message) -> int:
    # Equal messages have equal texts and intents; those that only share these are told apart by Rasa's own comparison.
    return hash((message.data.get(TEXT), message.data.get(INTENT)))


@contextmanager
def quick_merging() -> Iterator[None]:
    """While it lasts, Rasa's messages are copied and hashed cheaply; equality stays Rasa's own."""
    before = Message.__hash__
    Message.__hash__, Message.__deepcopy__ = _hash, _copy
    try:
        yield
    finally:
        Message.__hash__ = before
        del Message.__deepcopy__
