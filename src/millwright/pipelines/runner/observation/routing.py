"""Sends what a process prints and logs to the step that did it."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from millwright.pipelines.label import module_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextvars import Token


class Target(Protocol):
    """Takes what a step prints."""

    pid: int
    # Threads that were there before the step, and so are not its own; no numbers, which a new thread takes over from
    # one that has ended.
    outsiders: frozenset[threading.Thread]

    def put(self, data: bytes) -> None:
        """Something was printed."""
        ...


_CURRENT: ContextVar[Target | None] = ContextVar("observed_step", default=None)


class Routing:
    """Stands in for the standard streams, and listens to the log, while any step is observed. Thread-safe.

    A step is known by its context, and by the threads that it starts while it is the only one observed. Whatever
    belongs to no step goes where it went before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._targets: list[Target] = []
        self._streams: dict[str, tuple[TextIO, TextIO]] = {}  # name → the stream before, and ours
        self._log = _LogTap(self)

    def add(self, target: Target) -> Token[Target | None]:
        """What this context prints goes to the target from now on."""
        with self._lock:
            self._targets.append(target)
            if len(self._targets) == 1:
                self._log.attach()  # first: it tells handlers of the terminal by the streams
                for name in ("stdout", "stderr"):
                    before = getattr(sys, name)
                    ours = _stream(self, before)
                    self._streams[name] = (before, ours)
                    setattr(sys, name, ours)
        return _CURRENT.set(target)

    def remove(self, target: Target, token: Token[Target | None]) -> None:
        """What this context prints goes where it went before."""
        _CURRENT.reset(token)
        with self._lock:
            self._targets.remove(target)
            if not self._targets:
                self._log.detach()
                for name, (before, ours) in self._streams.items():
                    # Whoever wrapped our stream meanwhile keeps it; it passes on to the one before.
                    if getattr(sys, name) is ours:
                        setattr(sys, name, before)
                self._streams = {}

    def target(self) -> Target | None:
        """The step that executes here; None outside of one, and in a process that a step has forked."""
        found = _CURRENT.get()
        if found is None:
            targets = self._targets
            if len(targets) != 1 or threading.current_thread() in targets[0].outsiders:
                return None
            found = targets[0]
        return found if found.pid == os.getpid() else None


class _Raw(io.RawIOBase):
    """The bytes of a standard stream."""

    def __init__(self, routing: Routing, before: TextIO) -> None:
        self._routing = routing
        self._before = before

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._before.fileno()

    def write(self, data: Any) -> int:
        target = self._routing.target()
        if target is not None:
            target.put(bytes(data))
        else:
            self._before.write(bytes(data).decode(errors="backslashreplace"))
        return len(data)

    def flush(self) -> None:
        if not self._before.closed and self._routing.target() is None:
            self._before.flush()


def _stream(routing: Routing, before: TextIO) -> TextIO:
    """A text stream that hands on each text as it is written."""
    raw: Any = _Raw(routing, before)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)


class _LogTap(logging.Handler):
    """Writes the records of observed steps, from INFO on, with their time in UTC.

    Handlers that write to a terminal are silent meanwhile about those records: they are what the step prints. Handlers
    of files and services go on as they would without us.
    """

    def __init__(self, routing: Routing) -> None:
        super().__init__(logging.NOTSET)
        self._routing = routing
        self._before = logging.WARNING  # the root logger's level, while it is lowered
        self._filtered: list[tuple[logging.Handler, Callable[[logging.LogRecord], bool]]] = []

    def attach(self) -> None:
        root = logging.getLogger()
        self._before = root.level
        for handler in _handlers(root):
            chosen = self._is_outside if _is_terminal(handler) else self._is_wanted
            handler.addFilter(chosen)
            self._filtered.append((handler, chosen))
        root.addHandler(self)
        if root.level > logging.INFO:
            root.setLevel(logging.INFO)

    def detach(self) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        for handler, chosen in self._filtered:
            handler.removeFilter(chosen)
        self._filtered = []
        if root.level == logging.INFO < self._before:
            root.setLevel(self._before)

    def emit(self, record: logging.LogRecord) -> None:
        target = self._routing.target()
        if target is None:
            return
        try:
            at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
            text = f"{at}.{int(record.msecs):03}Z {record.levelname} {module_label(record.name)}: {record.getMessage()}"
            if record.exc_info and record.exc_info[0] is not None:
                text += "\n" + _FORMATTER.formatException(record.exc_info)
            target.put(f"{text}\n".encode(errors="backslashreplace"))
        except Exception:  # noqa: BLE001 - a record that cannot be written must not end the step
            self.handleError(record)

    def _is_outside(self, record: logging.LogRecord) -> bool:
        return self._routing.target() is None and self._is_wanted(record)

    def _is_wanted(self, record: logging.LogRecord) -> bool:
        """Whether a record would have been made without us, who lowered the root logger's level."""
        if record.levelno >= self._before:
            return True
        logger: logging.Logger | None = logging.getLogger(record.name)
        while logger is not None and not logger.level:
            logger = logger.parent
        return logger is not None and logger.parent is not None


_FORMATTER = logging.Formatter()


def _handlers(root: logging.Logger) -> Iterator[logging.Handler]:
    yield from tuple(root.handlers)
    for logger in tuple(root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger) and logger.handlers:
            yield from tuple(logger.handlers)


def _is_terminal(handler: logging.Handler) -> bool:
    if isinstance(handler, logging.StreamHandler):
        return handler.stream in {sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr}
    return hasattr(handler, "console") or getattr(handler, "is_terminal", False)
