"""Stages: measures the parts of a turn inside Rasa that can be seen from outside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from rasa.core.agent import Agent

from infusion_guide.operation.metrics import Metrics


def _timed(metrics: Metrics, stage: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(call)
    async def timed(*arguments: Any, **named: Any) -> Any:
        with metrics.stage(stage):
            return await call(*arguments, **named)

    return timed


def measure_stages(agent: Agent, metrics: Metrics) -> None:
    """Measure understanding, action, and reading and writing of the conversation, of this agent from now on.

    Wraps methods of `rasa.core.processor.MessageProcessor`, its tracker store and its action endpoint on the objects.
    """
    processor = agent.processor
    processor.parse_message = _timed(metrics, "understanding", processor.parse_message)
    processor.action_endpoint.request = _timed(metrics, "action", processor.action_endpoint.request)
    store = processor.tracker_store
    store.save = _timed(metrics, "tracker_write", store.save)
    store.retrieve = _timed(metrics, "tracker_read", store.retrieve)
