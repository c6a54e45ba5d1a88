"""Short forms: writes out what people shorten in text messages ("y do u need 2 wait 4 it") before it is understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

PREFIX = "short"
BEFORE, AFTER = "before", "after"


def _words(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class ShortForms:
    """Writes short forms out, from tables of data/nlu/short_forms.yml.

    A table `short.<long>` lists short forms that mean nothing else. `short.<long>.<short>.before` lists the words
    before which, `….after` those after which `<short>` means `<long>`: 4 is mostly a number.
    """

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        self._longs: dict[str, str] = {}
        self._rules: list[tuple[re.Pattern[str], str]] = []
        for name, words in tables.items():
            _, long, *where = name.split(".")
            if not where:
                self._longs.update(dict.fromkeys(words, long))
                continue
            short, side = where
            around = rf"(?P<before>){re.escape(short)}(?= (?:{_words(words)})\b)"
            if side == AFTER:
                around = rf"(?P<before>(?:{_words(words)}) ){re.escape(short)}"
            self._rules.append((re.compile(rf"(?<![\w'.]){around}(?![\w'])"), rf"\g<before>{long}"))
        self._short = re.compile(rf"(?<![\w'./])(?:{_words(list(self._longs))})(?![\w'])") if self._longs else None

    def written_out(self, text: str) -> str:
        """`text`, in lower case, with its short forms written out; everything else stays as it is."""
        if self._short is not None:
            text = self._short.sub(lambda found: self._longs[found.group()], text)
        for rule, written in self._rules:
            text = rule.sub(written, text)
        return text
