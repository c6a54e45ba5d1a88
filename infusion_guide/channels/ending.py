"""Ending: how a door has the server forget a conversation."""

from __future__ import annotations

import logging

from sanic.request import Request

logger = logging.getLogger(__name__)


async def forgotten(request: Request, conversation: str) -> bool:
    """Wipe what is remembered of a conversation, after a message in it that is still under way; False if it failed."""
    # Under `rasa run` there is nobody to ask: the row then stays until old conversations are purged.
    forget = getattr(request.app.ctx, "forget", None)
    if forget is None:
        return True
    try:
        await forget(conversation)
    except Exception:
        logger.exception("a conversation that was ended could not be forgotten")
        return False
    return True
