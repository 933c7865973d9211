"""Logging for every command and the daemon: structlog over the standard library, to standard error.

Pretty on a terminal, one JSON object a line otherwise. Event names are constant, facts are keys.
What must never be in a log is removed twice: by key name and by known secret values, in our own records and in those
of every library. Called by scheduler.cli and scheduler.daemon; nothing else configures logging.
"""

import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

REDACTED = "[redacted]"
# Shorter values would redact half of every line, and are no secrets.
SHORTEST_SECRET = 6
_SECRET_WORDS = ("secret", "token", "authorization", "signature", "password", "credential", "access_key", "accesskey")
_PERSONAL_WORDS = ("email", "mobile", "phone", "telephone")
# Libraries that print requests, headers or every tick at lower levels. Tencent's SDK prints Authorization at DEBUG;
# APScheduler warns of what scheduler.daemon logs itself, Apprise prints addresses, which hold keys.
_PINNED = {
    "tencentcloud_sdk_common": logging.WARNING,
    "HuaweiCloud-SDK-BssintlClient": logging.WARNING,
    "urllib3": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "filelock": logging.WARNING,
    "apscheduler": logging.CRITICAL,
    "apprise": logging.CRITICAL,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
}
_FIRST_KEYS = ("timestamp", "level", "event")


class Redaction(logging.Filter):
    """Removes secrets and personal data; knows the secret values it was told, for as long as the process lives."""

    def __init__(self) -> None:
        super().__init__()
        # Replaced as a whole and never changed: other threads go through it meanwhile.
        self._values: frozenset[str] = frozenset()

    def learn(self, values: Iterable[str]) -> None:
        """Never let these values through again."""
        self._values |= {value for value in values if len(value) >= SHORTEST_SECRET}

    def text(self, text: str) -> str:
        """Give the text without the known secret values."""
        for value in self._values:
            text = text.replace(value, REDACTED)
        return text

    def value(self, key: str, value: object) -> object:
        """Give a value without secrets, however deep they lie."""
        lowered = key.lower()
        if any(word in lowered for word in (*_SECRET_WORDS, *_PERSONAL_WORDS)):
            return REDACTED
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.value(str(name), item) for name, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value("", item) for item in value]
        return value

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Redact one structlog event."""
        for key in list(event):
            if not key.startswith("_"):
                event[key] = self.value(key, event[key])
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact one record of any library before a handler sees it."""
        if isinstance(record.msg, str):
            record.msg, record.args = self.text(record.getMessage()), None
        return True


REDACTION = Redaction()


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Formats, then redacts once more: tracebacks are text only by now."""

    def format(self, record: logging.LogRecord) -> str:
        return REDACTION.text(super().format(record))


def configure(*, level: int, stream: TextIO | None = None) -> None:
    """Send everything at `level` (of the logging module) and above to `stream`, standard error unless given."""
    target = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=[]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        REDACTION,
    ]
    handler = logging.StreamHandler(target)
    handler.addFilter(REDACTION)
    handler.setFormatter(_Formatter(foreign_pre_chain=shared, processors=_rendering(pretty=target.isatty())))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, lowest in _PINNED.items():
        logging.getLogger(name).setLevel(max(level, lowest))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def _rendering(*, pretty: bool) -> list[structlog.typing.Processor]:
    if pretty:
        return [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(sort_keys=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _in_order,
        structlog.processors.JSONRenderer(default=str),
    ]


def _in_order(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put what a person looks for first, first."""
    first = {key: event[key] for key in _FIRST_KEYS if key in event}
    return {**first, **event}
