"""Redaction: takes what identifies a person out of a message before anything else sees it."""

from __future__ import annotations

import re

# Each pattern with the word that stands in for what it finds. Clinical numbers (102.4, 190 over 110, 39 C, 0.4 g) must
# survive: a warning sign may hang on them, so nothing shorter than a phone number is taken for one.
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("[e-mail]", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)),
    # Social security number: 123-45-6789.
    ("[number]", re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    # Dates with a year: 3/5/1961, 1961-05-03, 3 May 1961, May 3rd, 1961.
    ("[date]", re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}\b|\b(?:19|20)\d{2}-\d{1,2}-\d{1,2}\b")),
    (
        "[date]",
        re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTHS}\.?,?\s+(?:19|20)\d{{2}}\b", re.IGNORECASE),
    ),
    ("[date]", re.compile(rf"\b{_MONTHS}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d{{2}}\b", re.IGNORECASE)),
    # Record numbers with their name: MRN 123456, medical record number: AB-12345, patient id 99812.
    (
        "[number]",
        re.compile(
            r"\b(?:mrn|(?:medical |hospital |patient )?(?:record|chart|id|account|policy|member|insurance)"
            r"(?: (?:no|nr|number|id|#))?)\W{0,3}(?=[a-z-]*\d)[a-z0-9-]{4,}\b",
            re.IGNORECASE,
        ),
    ),
    # Phone numbers: in groups of which the last has four digits, ten digits or more in all; or seven as 555-0100.
    (
        "[phone]",
        re.compile(r"(?<![\w.])\+?(?=(?:\D?\D?\d){10,})\(?\d{1,4}\)?(?:[\s./-]{0,2}\(?\d{2,4}\)?){2,4}(?![\w%])"),
    ),
    ("[phone]", re.compile(r"(?<![\w.-])\d{3}[ .-]\d{4}(?![\w%-])")),
    ("[number]", re.compile(r"(?<![\w.])\d{8,}(?![\w.])")),
)
# "my name is Mary Ann Smith": capitalised words after it, or one or two of any case.
_NAME = re.compile(
    r"\b(my (?:full )?name(?:'s| is)|(?:i am|i'm|this is) (?:called|named)|name:|patient:)\s+"
    r"((?:[A-Z][\w'’-]+\s?){1,4}|[a-z][\w'’-]+(?:\s[a-z][\w'’-]+)?)",
    re.IGNORECASE,
)
_TITLED = re.compile(r"\b((?i:mr|mrs|ms|miss|dr))\.?\s+[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)?")


def redacted(text: str) -> str:
    """`text` with e-mail addresses, phone and record numbers, dates and stated names replaced by a word in brackets."""
    for word, pattern in _PATTERNS:
        text = pattern.sub(word, text)
    text = _NAME.sub(lambda found: f"{found.group(1)} [name]", text)
    return _TITLED.sub(lambda found: f"{found.group(1)} [name]", text)
