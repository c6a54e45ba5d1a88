"""Asking: puts a line of a set of messages to the guide, over the same way as a live message."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from infusion_guide.channels.intake import SETTING_OF_DOOR, Incoming
from infusion_guide.channels.rendering import plain_text
from infusion_guide.channels.text_store import Sender
from infusion_guide.channels.texting import DOOR
from infusion_guide.contract import Reply
from infusion_guide.serving.guide import Guide

# Silence, which only a person who has opted out of text messages meets.
_SILENCE = Reply(outcome="smalltalk", text="")


async def replies_to(guide: Guide, row: Mapping[str, Any]) -> dict[str, Any]:
    """The replies to one line of a set, in a conversation of its own; the format is docs/evaluate.md's.

    A text message is answered as a phone shows it: digits name choices, keywords count, long replies wait for MORE.
    """
    conversation = f"ask-{uuid.uuid4().hex}"
    messages = [turn["user"] for turn in row["turns"]] if "turns" in row else [row["text"]]
    turns, sender = [], Sender()
    for message in messages:
        door = row.get("channel") or "web"
        setting = row.get("setting") or SETTING_OF_DOOR.get(door, "unknown")
        incoming = Incoming(message, conversation, door, setting)
        if incoming.door == DOOR:
            texted, milliseconds = await guide.text(incoming, sender)
            sender = texted.sender
            turns.append(_turn(texted.reply or _SILENCE, texted.message or "", milliseconds))
        else:
            timed = await guide.answer(incoming)
            turns.append(_turn(timed.reply, plain_text(timed.reply), timed.milliseconds))
    return {"id": row.get("id"), "turns": turns}


def _turn(reply: Reply, text: str, milliseconds: float) -> dict[str, Any]:
    content = reply.custom()
    return {
        "outcome": content["outcome"],
        "outcomes": content["outcomes"],
        "tier": content["tier"],
        "answers": content["answers"],
        "choices": [{"id": choice["id"], "facts": choice["facts"]} for choice in content["choices"]],
        "text": text,
        "ms": round(milliseconds, 2),
    }
