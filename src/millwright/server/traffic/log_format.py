"""Log lines as JSON: one object per line, whatever is in it."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from millwright.core.plain_text import visible

_OWN = "fields"


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON.

    Line breaks and control characters in it are escaped: nothing that a client sends can look like a line of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **getattr(record, _OWN, {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return visible(msgspec.json.encode(line, enc_hook=str).decode())


def log_as_json(level: int = logging.INFO) -> None:
    """Write what this package logs to standard error as JSON, from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    ours = logging.getLogger("millwright")
    ours.handlers[:] = [handler]
    ours.setLevel(level)


def fields(**values: Any) -> dict[str, Any]:
    """What to give a logging call as `extra`: more fields of its line."""
    return {_OWN: values}
