"""Fingerprints: tells Rasa's training cache that the code behind a component has changed.

Rasa fingerprints the source of a component's own class (`rasa.engine.training.fingerprinting`), not of what it imports:
a change of the classifier would otherwise leave the old trained one in the cache.
"""

from __future__ import annotations

import hashlib
import inspect
from types import ModuleType


def code_digest(*modules: ModuleType) -> str:
    """A digest of the source of modules."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()
