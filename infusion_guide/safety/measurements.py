"""Measurements: reads temperatures, pulse, oxygen and blood pressure in a message, and says which are warning signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infusion_guide.knowledge.schema import Limits

_NUMBER = r"(\d{2,3}(?:[.,]\d{1,2})?)"
_NEAR = r"[^.!?\d\n]{0,24}?"
_FEVER_WORD = r"(?:temp(?:erature)?|fever(?:ish)?|thermometer|fiebre|temperatura|calentura)"
_TEMPERATURES = (
    re.compile(rf"\b{_FEVER_WORD}\b{_NEAR}{_NUMBER}\s*°?\s*([fc])?(?![\d/%])"),
    re.compile(rf"(?<![\d/.]){_NUMBER}\s*(?:°\s*|degrees?\s*|deg\s*)?([fc])\b"),
    re.compile(rf"(?<![\d/.]){_NUMBER}()\s*(?:°|degrees?\b|deg\b|{_NEAR}\b(?:fever|fiebre)\b)"),
    # "102.4" with nothing beside it: no other everyday number looks like that.
    re.compile(r"(?<![\d/.$£€,])(10[0-6][.,]\d)()(?![\d%])(?!\s*(?:mg|ml|kg|g|lb|lbs|pounds|iu|fm|mm)\b)"),
)
_PULSE = (
    re.compile(rf"\b(?:pulse|heart ?rate|hr|pulso)\b{_NEAR}{_NUMBER}(?!\d|[/.]\d|%)"),
    re.compile(rf"\bheart\b{_NEAR}\b(?:at|is|of)\s*{_NUMBER}(?!\d|[/.]\d|%)"),
    re.compile(rf"(?<![\d/.]){_NUMBER}\s*(?:bpm|beats)\b"),
)
_OXYGEN = (
    re.compile(
        rf"\b(?:oxygen|o2|ox|sats?|spo2|saturation|oximeter|oxigeno|saturacion)\b{_NEAR}{_NUMBER}\s*%?(?!\d|[/.]\d)"
    ),
    re.compile(rf"(?<![\d/.]){_NUMBER}\s*%\s*(?:oxygen|o2|sats?|spo2)\b"),
)
_PRESSURE = re.compile(r"(?<![\d/.])(\d{2,3})\s*(?:/|over|on top of|sobre)\s*(\d{2,3})(?![\d/])")
_PRESSURE_WORD = re.compile(r"\b(?:bp|b/p|pressure|cuff|presion|systolic)\b")
_SYSTOLIC = re.compile(rf"\b(?:bp|blood pressure|systolic|presion)\b{_NEAR}(\d{{2,3}})(?![\d/.%]|\s*(?:/|over))")


@dataclass(frozen=True)
class Reading:
    """A measurement that is a warning sign; `start` and `end` are character offsets."""

    sign: str
    start: int
    end: int


def readings(text: str, limits: Limits) -> list[Reading]:
    """The measurements in `text` (folded) that lie beyond the limits, in order; normal ones are not warning signs."""
    found = [*_temperatures(text, limits), *_pulses(text, limits), *_oxygen(text, limits), *_pressures(text, limits)]
    return sorted(set(found), key=lambda reading: (reading.start, reading.end))


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _temperatures(text: str, limits: Limits) -> Iterator[Reading]:
    for pattern in _TEMPERATURES:
        for found in pattern.finditer(text):
            value, unit = _value(found[1]), found[2] or ""
            # A body is between 34 and 43 degrees Celsius, 93 and 109 Fahrenheit: without a unit the number tells.
            celsius = unit == "c" or (unit == "" and value < 50)
            low, high = (limits.fever_celsius, 43.0) if celsius else (limits.fever_fahrenheit, 109.0)
            if low <= value <= high:
                yield Reading("fever-or-chills", found.start(), found.end())


def _pulses(text: str, limits: Limits) -> Iterator[Reading]:
    for pattern in _PULSE:
        for found in pattern.finditer(text):
            value = _value(found[1])
            if limits.pulse_high < value < 260 or 20 < value < limits.pulse_low:
                yield Reading("racing-heart", found.start(), found.end())


def _oxygen(text: str, limits: Limits) -> Iterator[Reading]:
    for pattern in _OXYGEN:
        for found in pattern.finditer(text):
            if 40 <= _value(found[1]) < limits.oxygen_low:
                yield Reading("blue-lips-or-lung-injury", found.start(), found.end())


def _pressures(text: str, limits: Limits) -> Iterator[Reading]:
    for found in _PRESSURE.finditer(text):
        systolic, diastolic = int(found[1]), int(found[2])
        if not (50 <= systolic <= 280 and 20 <= diastolic < systolic):
            continue
        # "90/60" of a fraction or a date has no word for pressure beside it.
        if systolic < limits.systolic_low and _PRESSURE_WORD.search(text):
            yield Reading("faintness", found.start(), found.end())
        elif systolic >= limits.systolic_high:
            yield Reading("something-is-wrong", found.start(), found.end())
    for found in _SYSTOLIC.finditer(text):
        if 50 <= int(found[1]) < limits.systolic_low:
            yield Reading("faintness", found.start(), found.end())
