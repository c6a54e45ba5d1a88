"""The labels of the guide as intents of stock Rasa, where a slash means something else."""

from __future__ import annotations

ACTION = "action_stock_answer"
_SLASH = "__"


def intent_of_label(label: str) -> str:
    """The intent of stock Rasa for a label of the guide.

    Raises:
        ValueError: the label could not be told from its intent again.
    """
    if _SLASH in label:
        raise ValueError(f"the label {label!r} holds {_SLASH!r}")
    return label.replace("/", _SLASH)


def label_of_intent(intent: str) -> str:
    """The label that `intent_of_label` made an intent of."""
    return intent.replace(_SLASH, "/")
