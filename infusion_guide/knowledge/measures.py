"""The measures of a text: reading grade, words, length as a text message."""

from __future__ import annotations

import smsutil
from textstat import textstat


def reading_grade(text: str) -> float:
    """Flesch-Kincaid school grade of an English text (textstat counts syllables with the CMU dictionary)."""
    return float(textstat.flesch_kincaid_grade(text))


def word_count(text: str) -> int:
    """Words, split on spaces."""
    return len(text.split())


def characters_outside_sms(text: str) -> str:
    """The characters of `text` that GSM-7 does not hold; one of them would halve a text message."""
    return "".join(sorted({character for character in text if not smsutil.is_valid_gsm(character)}))


def sms_characters(text: str) -> int:
    """Length of `text` in GSM-7 characters; those of the extension table count twice."""
    return sum(2 if character in smsutil.GSM_EXT_CHARSET else 1 for character in text)


def sms_segments(text: str) -> int:
    """How many text messages `text` costs."""
    return len(smsutil.split(text).parts)
