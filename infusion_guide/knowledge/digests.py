"""Digests: notices when the text behind a section of a source document has changed."""

from __future__ import annotations

import hashlib
import re

from infusion_guide.knowledge.schema import Document


class HeadingMissingError(ValueError):
    """A section's heading does not stand in the document's text."""


def _heading_in_text(heading: str) -> str:
    # One document stacks two halves; its headings are listed as "From the Research: <heading>".
    return heading.split(": ", 1)[1] if heading.startswith("From the Research: ") else heading


def section_digests(document: Document, text: str) -> dict[str, str]:
    """SHA-256 of each section's text by section id; spaces and line breaks do not count.

    A section reaches from its heading to the next heading; one whose heading is in brackets reaches from the start.

    Raises:
        HeadingMissingError: a heading is not found, after the one before it.
    """
    starts: list[tuple[int, str]] = []
    at = 0
    for section in document.sections:
        if section.heading.startswith("("):
            starts.append((0, section.id))
            continue
        heading = _heading_in_text(section.heading)
        found = re.compile(rf"(^|\n|(?<=[.>\]])){re.escape(heading)}[ \t]*(\n|$)").search(text, at)
        if found is None:
            raise HeadingMissingError(f"heading {section.heading!r} of {document.id} is not in the text")
        starts.append((found.start(), section.id))
        at = found.end()
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return {
        section_id: hashlib.sha256(" ".join(text[start:end].split()).encode()).hexdigest()
        for (start, section_id), end in zip(starts, ends)
    }
