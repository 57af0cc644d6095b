"""Structured logs on standard error: text in development, one JSON object a line in production."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import Processor

# Lines of Rollcall and of libraries get these fields.
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def init_logs(log_format: Literal["console", "json"]) -> None:
    """Send the lines of Rollcall and of libraries through the same processors. Each has the ID of the request."""
    finish = _json_lines() if log_format == "json" else _console_lines()
    processors: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish]
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=processors))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # It logs several lines when it is imported.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    # It logs a line for each request with its address, in which a secret can be.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _json_lines() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _console_lines() -> list[Processor]:
    # The default formatter of exceptions shows local variables, which may be passwords.
    plain = structlog.dev.plain_traceback
    return [
        _escape_controls,
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),
    ]


def _escape_controls(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape what would move the cursor of a terminal or start a new line. JSON escapes it by itself."""
    return {name: _printable(value) if isinstance(value, str) else value for name, value in event.items()}


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()
