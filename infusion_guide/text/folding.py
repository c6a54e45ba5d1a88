"""Folding: lower case and plain letters, every character in its place."""

from __future__ import annotations

_PLAIN = str.maketrans("öøé’‘´", "ooe'''")


def folded(text: str) -> str:
    """Lower case, accents of Sjögren's and curly quotes made plain; every character keeps its place."""
    return text.lower().translate(_PLAIN)
