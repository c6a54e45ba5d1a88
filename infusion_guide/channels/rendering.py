"""Rendering: a reply as JSON for the browser and as plain text for a terminal."""

from __future__ import annotations

from typing import Any

from infusion_guide.contract import Reply, Source


def source_line(source: Source) -> str:
    """A source in a line: document, and section if it has a heading."""
    return f"{source.document} — {source.section}" if source.section else source.document


def browser_reply(reply: Reply) -> dict[str, Any]:
    """The reply as the chat page shows it; the sources as lines."""
    return {
        "outcome": reply.outcome,
        "tier": reply.tier,
        "text": reply.text,
        "sources": [source_line(source) for source in reply.sources],
        "notes": list(reply.notes),
        "choices": [{"id": choice.id, "title": choice.title} for choice in reply.choices],
        "answers": [shown.id for shown in reply.answers],
        "phones": list(reply.phones),
        "heading": reply.heading,
    }


def plain_text(reply: Reply) -> str:
    """The reply as a person reads it in a terminal: text, sources, notes, choices."""
    lines = [reply.text]
    if reply.sources:
        lines += ["", *(f"From: {source_line(source)}" for source in reply.sources)]
    lines += reply.notes
    if reply.choices:
        lines += ["", *(f"  › {choice.title}" for choice in reply.choices)]
    return "\n".join(lines)
