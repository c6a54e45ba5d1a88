"""Without TensorFlow: lets a process that only answers load Rasa without the library that only training needs.

Rasa imports TensorFlow for components that this guide does not have: `rasa.core.policies.policy` brings
`rasa.utils.train_utils`, and `rasa.engine.recipes.default_components` brings every component there is. That is two
thirds of the start and two fifths of the memory. Here every name of TensorFlow is an empty class: it can be named in a
type or stand as a base, and whoever calls it is told.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

LEFT_OUT = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras")


class TensorFlowLeftOutError(RuntimeError):
    """Something of TensorFlow was called in a process that goes without it."""


class _StandIn(type):
    """Classes that stand for what TensorFlow holds under a name."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(name, (), {})

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        # A decorator (`tf.function`) is called while a class is defined, and leaves what it decorates as it is.
        if len(arguments) == 1 and callable(arguments[0]) and not named:
            return arguments[0]
        if not arguments and named:
            return _as_it_is
        raise TensorFlowLeftOutError(f"{cls.__name__}: this process only answers; training is a process of its own")


def _as_it_is(decorated: Callable[..., Any]) -> Callable[..., Any]:
    return decorated


class _StandInModule(ModuleType):
    """A module in which every name is there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the stand-ins before Python looks for the real modules."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A stand-in for what is left out; nothing for everything else."""
        if name.split(".")[0] not in LEFT_OUT:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The stand-in."""
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """It holds nothing of its own."""


def leave_tensorflow_out() -> bool:
    """From now on this process goes without TensorFlow; returns False where it has been imported already."""
    if any(name in sys.modules for name in LEFT_OUT):
        return False
    sys.meta_path.insert(0, _Finder())
    return True
