"""One log for all: text or JSON, without anybody's words in it.

The framework logs what a page sent when it cannot use it, tokens and cookies included. So of records that are not ours
only the place they come from is kept, and of an exception its kind and frames, never its text.
"""

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

from trova_app.settings import settings

OURS = "trova_app"
STATIC = ("/assets/", "/fonts/", "/health/")
_SECRET_IN_PATH = re.compile(r"[A-Za-z0-9_-]{20,}")


def frames(exception: BaseException) -> str:
    """Kinds and places of an exception and its causes: `KeyError at services/forms.py:40 in reading`."""
    parts = []
    seen: BaseException | None = exception
    while seen is not None and len(parts) < 5:
        parts.append(f"{type(seen).__name__} at {_place(seen.__traceback__)}")
        seen = seen.__cause__ or seen.__context__
    return "; because of ".join(parts)


def _place(trace: TracebackType | None) -> str:
    steps = traceback.extract_tb(trace)[-6:]
    return " < ".join(f"{'/'.join(s.filename.split('/')[-2:])}:{s.lineno} in {s.name}" for s in reversed(steps))


class WordlessFormatter(logging.Formatter):
    """Formats our records as they are, everybody else's by place."""

    def __init__(self, renderer: Any) -> None:
        super().__init__()
        self._renderer = renderer

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {"event": self._words(record), "level": record.levelname.lower()}
        event["timestamp"] = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})["timestamp"]
        if record.exc_info and record.exc_info[1]:
            event["exception_at"] = frames(record.exc_info[1])
        event.update(getattr(record, "_fields", {}))
        return str(self._renderer(None, record.levelname.lower(), event))

    @staticmethod
    def _words(record: logging.LogRecord) -> str:
        if record.name.startswith(OURS):
            return record.getMessage()
        return f"{record.name} {record.funcName}:{record.lineno}"


def _to_standard(_logger: Any, method: str, event: dict[str, Any]) -> Any:
    """structlog's last step: into the standard library, its fields beside the words."""
    words = str(event.pop("event", ""))
    return (words,), {"extra": {"_fields": event}}


def set_up() -> None:
    """Takes over all logging of the serving process."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings().log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WordlessFormatter(renderer))
    for name in list(logging.root.manager.loggerDict):
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _to_standard],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )


def access(method: str, path: str, status: int, seconds: float) -> None:
    """One line for a request: no query, and nothing in the path that opens a door (a pay token) or
    begins another line."""
    if path.startswith(STATIC):
        return
    shown = _SECRET_IN_PATH.sub("...", "".join(c if c.isprintable() else "?" for c in path))[:200]
    structlog.get_logger(OURS).info("request", method=method, path=shown, status=status, ms=round(seconds * 1000))
