"""Segments: what a text message costs, and how a text is folded and cut so that it costs no more than it may."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from smsutil.codecs import GSM_CHARSET

from infusion_guide.knowledge.measures import sms_characters, sms_segments

# What typographers write and GSM-7 does not hold → what it does.
_FOLDED = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "″": '"',
        "«": '"', "»": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...",
        "•": "-", "·": "-", "›": ">", "‹": "<", "×": "x", "÷": "/", "≤": "<=", "≥": ">=", "°": " degrees ", "½": "1/2",
        "¼": "1/4", "¾": "3/4", "™": "", "®": "", "©": "", "ß": "ß", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L",
    }
)  # fmt: skip
# Characters of GSM-7 that are no text: form feed, carriage return and the escape character itself.
_CONTROLS = "\f\r\x1b"
# A set: smsutil.is_valid_gsm builds its pattern anew for every call, which would take milliseconds a message.
_GSM = frozenset(GSM_CHARSET)
# What a message of one segment holds, and a segment of several.
_SINGLE, _PART = 160, 153


def gsm_text(text: str) -> str:
    """`text` in GSM-7: quotes and dashes folded, accents that GSM-7 lacks dropped, everything else left out.

    Lines are kept, other spaces are single, and no line ends in one.
    """
    characters = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n").translate(_FOLDED):
        if character in _CONTROLS:
            characters.append(" ")
        elif character in _GSM:
            characters.append(character)
        else:
            # NFKD takes "í" to "i" and an accent, a narrow space to a space; an emoji stays itself and is dropped.
            plain = unicodedata.normalize("NFKD", character).translate(_FOLDED)
            characters += [c if c not in _CONTROLS else " " for c in plain if c in _GSM]
    lines = re.sub(r"[^\S\n]+", " ", "".join(characters)).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip("\n")


def fits(text: str, segments: int) -> bool:
    """Whether `text`, in GSM-7, costs at most so many segments."""
    characters = sms_characters(text)
    if characters <= _SINGLE:
        return segments > 0
    # An extension character is not torn apart and may leave one place of a segment empty: only then it must be split.
    if characters <= (_PART - 1) * segments:
        return True
    return characters <= _PART * segments and sms_segments(text) <= segments


def _cut(piece: str, segments: int, ending: str) -> tuple[str, str]:
    """`piece` cut so that its first part fits with `ending`: behind a sentence, else a word, else anywhere."""
    for pattern in (r"(?<=[.!?])\s+", r"\s+"):
        best = 0
        for found in re.finditer(pattern, piece):
            if not fits(piece[: found.start()] + ending, segments):
                break
            best = found.end()
        if best:
            return piece[:best].rstrip(), piece[best:]
    length = max((at for at in range(1, len(piece) + 1) if fits(piece[:at] + ending, segments)), default=1)
    return piece[:length], piece[length:]


def pages(pieces: Sequence[str], segments: int, more: str) -> tuple[str, ...]:
    """The pieces, a line or more each, in their order on as few messages of at most `segments` segments as they need.

    A piece is only cut where it would not fit on a message of its own. `more` ends every message but the last.
    """
    waiting, done = [piece for piece in pieces if piece], []
    ending = f"\n{more}"
    while waiting:
        if fits("\n".join(waiting), segments):
            done.append("\n".join(waiting))
            break
        fitting = [n for n in range(1, len(waiting)) if fits("\n".join(waiting[:n]) + ending, segments)]
        if fitting:
            taken, waiting = waiting[: max(fitting)], waiting[max(fitting) :]
        else:
            first, rest = _cut(waiting[0], segments, ending)
            taken, waiting = [first], [piece for piece in (rest, *waiting[1:]) if piece]
        done.append("\n".join(taken) + ending)
    return tuple(done)
