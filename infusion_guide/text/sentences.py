"""Sentences: the parts of a message that are read on their own beside the whole."""

from __future__ import annotations

import re

# More sentences than this in one message are a story; the first ones of it are read alone, all of it as a whole.
MAX_SENTENCES = 8
_MIN_CHARACTERS = 9
_END = re.compile(r"(?<=[.!?])\s+|\n+")


def parts(text: str) -> list[str]:
    """The whole text, then its sentences where it has more than one."""
    sentences = [part.strip() for part in _END.split(text)]
    long_enough = [part for part in sentences if len(part) >= _MIN_CHARACTERS]
    return [text, *(long_enough[:MAX_SENTENCES] if len(long_enough) > 1 else [])]
