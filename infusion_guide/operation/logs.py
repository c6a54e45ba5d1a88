"""Logs: one JSON object a line, with the id of the request, and nothing that a patient wrote.

Rasa and its libraries log messages with a patient's words in them (rasa.md, 6.1). Their lines are kept as where and how
severe; what they say is withheld. Of an exception, its types and places are kept: its words may be a patient's.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

OURS = ("infusion_guide", "actions")
_KNOWN = (
    *("timestamp", "level", "logger", "event", "request_id"),
    *("door", "outcome", "tier", "ms", "deleted", "at", "exception"),
)
# A structlog event of Rasa's is a constant name such as "processor.message.parse".
_NAME = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_FRAMES = 8


def _is_ours(logger: str) -> bool:
    return logger.split(".")[0] in OURS


def places(error: BaseException) -> list[str]:
    """An exception and its causes as types and places, without a word of their messages."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(lines) < 40:
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        frames = traceback.extract_tb(seen.__traceback__)[-_FRAMES:]
        lines += [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return lines


def without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A log entry as it may be kept: known fields only, and another library's words withheld."""
    record: logging.LogRecord | None = event.get("_record")
    error = event.pop("exc_info", None) or (record.exc_info if record else None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    event.pop("exception", None)
    if isinstance(error, BaseException):
        event["exception"] = places(error)
    if not _is_ours(str(event.get("logger", ""))):
        if record is not None:
            event["at"] = f"{record.filename}:{record.lineno}"
        if not _NAME.fullmatch(str(event.get("event", ""))):
            event["event"] = "withheld"
    return {name: event[name] for name in _KNOWN if event.get(name) is not None}


def configure_logs(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Log to `stream` (standard error): JSON, or lines for a person where it is a terminal."""
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if target.isatty()
        else structlog.processors.JSONRenderer(sort_keys=False)
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[without_words, renderer],
            foreign_pre_chain=shared,
            keep_exc_info=False,
            keep_stack_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    # rasa.utils.log_utils.configure_structlog would print Rasa's events by itself; here they take the same way.
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
