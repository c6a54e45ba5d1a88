"""Examples are merged as Rasa merges them, only sooner."""

from __future__ import annotations

import copy
import inspect

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from infusion_guide.serving.quick_merging import quick_merging


def example(text: str, answer: str = "premedication/why") -> Message:
    """A message as Rasa reads it from a file of examples."""
    return Message({"text": text, "intent": "premedication", "metadata": {"intent": {"answer": answer}}})


def merged(*messages: Message) -> list[dict[str, object]]:
    """What the examples hold after each was merged as a file of its own."""
    whole = TrainingData()
    for message in messages:
        whole = whole.merge(TrainingData([message]))
    return [message.data for message in whole.training_examples]


def test_merging_gives_the_same_examples_in_the_same_order():
    messages = [example("why the pills"), example("what for"), example("why the pills"), example("what for", "other")]
    plainly = merged(*messages)
    with quick_merging():
        assert merged(*messages) == plainly
    assert len(plainly) == 3


def test_a_merged_example_shares_nothing_with_the_one_it_came_from():
    message = example("why the pills")
    with quick_merging():
        twin = copy.deepcopy(message)
    twin.data["metadata"]["intent"]["answer"] = "other"
    twin.output_properties.add("more")
    assert message.data["metadata"]["intent"]["answer"] == "premedication/why"
    assert "more" not in message.output_properties


def test_rasa_is_as_before_afterwards():
    before = Message.__hash__
    with pytest.raises(RuntimeError), quick_merging():
        raise RuntimeError
    assert Message.__hash__ is before
    assert not hasattr(Message, "__deepcopy__")


def test_rasa_still_copies_and_hashes_where_this_stands_in():
    assert "deepcopy" in inspect.getsource(TrainingData.merge)
    assert "fingerprint" in inspect.getsource(Message.__hash__)
    assert set(vars(example("x"))) == {
        "time",
        "data",
        "features",
        "output_properties",
        "_cached_fingerprint",
    }
