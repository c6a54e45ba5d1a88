"""Asking: puts a line of a set of messages to the guide, over the same way as a live message."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from infusion_guide.channels.intake import SETTING_OF_DOOR, Incoming
from infusion_guide.channels.rendering import plain_text
from infusion_guide.serving.guide import Guide


async def replies_to(guide: Guide, row: Mapping[str, Any]) -> dict[str, Any]:
    """The replies to one line of a set, in a conversation of its own; the format is docs/evaluate.md's."""
    conversation = f"ask-{uuid.uuid4().hex}"
    messages = [turn["user"] for turn in row["turns"]] if "turns" in row else [row["text"]]
    turns = []
    for message in messages:
        door = row.get("channel") or "web"
        setting = row.get("setting") or SETTING_OF_DOOR.get(door, "unknown")
        incoming = Incoming(message, conversation, door, setting)
        timed = await guide.answer(incoming)
        reply = timed.reply.custom()
        turns.append(
            {
                "outcome": reply["outcome"],
                "outcomes": reply["outcomes"],
                "tier": reply["tier"],
                "answers": reply["answers"],
                "choices": [{"id": choice["id"], "facts": choice["facts"]} for choice in reply["choices"]],
                "text": plain_text(timed.reply),
                "ms": round(timed.milliseconds, 2),
            }
        )
    return {"id": row.get("id"), "turns": turns}
