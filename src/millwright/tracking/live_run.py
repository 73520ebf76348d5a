"""A run outside pipelines: written in the background, online or offline."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from millwright.core.clock import Clock
from millwright.core.errors import ConflictError, MillwrightError, StateTransitionError, StorageError
from millwright.core.records.run import MetricPoint, RunStatus
from millwright.tracking.change import DatasetUsed, FileLogged, ParamsLogged, PointsLogged, RunEnded, TagsSet
from millwright.tracking.dataset_input import dataset_input
from millwright.tracking.file_log import FileLog
from millwright.tracking.flusher import Flusher
from millwright.tracking.run import metric_points, texts

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from millwright.core.ids import Digest, RunId
    from millwright.tracking.change import Change


class FileKeeper(Protocol):
    """Keeps bytes by content; they are durable when their digest is given."""

    def put(self, data: bytes) -> Digest:
        """Keep bytes."""
        ...

    def put_file(self, path: Path) -> Digest:
        """Keep a file's bytes."""
        ...


class Companion(Protocol):
    """Something that works beside a run: captures what is known of it, or measures the machine."""

    def start(self, log: Callable[[Change], None]) -> None:
        """Begin, on a thread of its own; `log` takes changes."""
        ...

    def stop(self) -> None:
        """End, once everything was logged."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RunParts:
    """What a live run is made of.

    Attributes:
        flusher: Where changes go.
        files: Where bytes go.
        spare_files: Where bytes go when that cannot be written.
        history: Reads a metric's points back.
        clock: The time.
        companions: What works beside the run.
        params: The parameters that it has already.
        release: Lets go of what the parts hold, at the end.
        on_close: Called at the very end.
    """

    flusher: Flusher
    files: FileKeeper
    spare_files: FileKeeper
    history: Callable[[str], list[MetricPoint]]
    clock: Clock
    companions: tuple[Companion, ...] = ()
    params: Mapping[str, str] | None = None
    release: Callable[[], None] | None = None
    on_close: Callable[[], None] | None = None


class LiveRun(FileLog):
    """One run that is being written in the background. Thread-safe.

    Nothing that is logged waits for the store; `flush` does. A context manager ends it with the context: failed when
    that raises, killed on Ctrl-C, finished otherwise. A run that is open when the process ends is ended then.

    Args:
        run_id: The run.
        parts: What it is made of.
    """

    def __init__(self, run_id: RunId, parts: RunParts) -> None:
        self._id = run_id
        self._parts = parts
        self._params = dict(parts.params or {})
        self._ended = False
        self._pid = os.getpid()
        for companion in parts.companions:
            companion.start(self._put)
        atexit.register(self._at_exit)

    @property
    def id(self) -> RunId:
        """The run's id."""
        return self._id

    def log_metric(self, key: str, value: float, step: int = 0) -> None:
        """One value of one metric; see `log_metrics`."""
        self.log_metrics({key: value}, step)

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Values of several metrics.

        Args:
            metrics: Numbers by name; NaN and infinities are kept as they are. An empty mapping does nothing.
            step: The position on the training axis, ≥ 0.

        Raises:
            InvalidInputError: A name is empty or too long, a value is no number, or the step is negative.
            StateTransitionError: The run has ended.
        """
        points = metric_points(metrics, step, self._parts.clock.now())
        if points:
            self._put(PointsLogged(points=tuple(points)))

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Parameters; each can be written once, and again with the same value.

        Raises:
            ConflictError: One was written with another value.
            InvalidInputError: A name is empty or too long.
            StateTransitionError: The run has ended.
        """
        written = texts(params, "parameter")
        for key, value in written.items():
            known = self._params.get(key, value)
            if known != value:
                raise ConflictError(
                    f"The parameter '{key}' is '{known}' and cannot become '{value}'.",
                    hint="Parameters are written once; use a tag, or start a new run.",
                )
        if written:
            self._put(ParamsLogged(params=written))
            self._params.update(written)

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Tags, replacing those of the same name.

        Raises:
            InvalidInputError: A name is empty or too long.
            StateTransitionError: The run has ended.
        """
        if tags:
            self._put(TagsSet(tags=texts(tags, "tag")))

    def log_dataset(self, data: Any, *, name: str = "", context: str = "training", source: str = "") -> DatasetUsed:
        """Note that the run used some data: its name, digest, columns and size, not its rows.

        Args:
            data: A Polars or pandas frame, or a dataset of the workspace (`mw.Dataset`).
            name: What people call it; the dataset's own name when empty.
            context: What for: training, evaluation, …
            source: Where it came from: a path or URL.

        Raises:
            InvalidInputError: It is none of these.
        """
        used = dataset_input(data, name=name, context=context, source=source)
        self._put(used)
        return used

    def history(self, key: str) -> list[MetricPoint]:
        """A metric's points so far, by step, then time; flushes first.

        Raises:
            StorageError: The store cannot be read or written.
        """
        self.flush()
        return self._parts.history(key)

    def flush(self, timeout_s: float | None = None) -> None:
        """Return once everything logged so far is durable; it then outlives `kill -9`.

        Args:
            timeout_s: How long to wait while the store cannot be written; 30 s when None.

        Raises:
            StorageError: The store cannot be written; what is missing there is safe in the offline log.
            MillwrightError: Something was refused for good, as the error says; all else is durable.
        """
        self._parts.flusher.flush(timeout_s)

    def finish(self, status: RunStatus = RunStatus.FINISHED) -> None:
        """Flush and end the run; nothing happens when it has ended.

        What the store does not take now is kept in the offline log, and a warning says so.

        Raises:
            StorageError: Neither the store nor the offline log could be written.
        """
        if self._ended:
            return
        for companion in self._parts.companions:
            companion.stop()
        self._put(RunEnded(status=status, at=self._parts.clock.now()))
        self._ended = True
        atexit.unregister(self._at_exit)
        try:
            self._parts.flusher.close()
        finally:
            for action in (self._parts.release, self._parts.on_close):
                if action is not None:
                    action()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.finish(RunStatus.KILLED if issubclass(kind, KeyboardInterrupt) else RunStatus.FAILED)

    def _put(self, change: Change) -> None:
        if self._ended:
            raise StateTransitionError(
                f"The run '{self._id}' has ended.", hint=f"Go on with it: mw.track(run_id='{self._id}')"
            )
        self._parts.flusher.put(change)

    def _log_bytes(self, content: bytes | Path, path: str) -> None:
        try:
            digest, size = _keep(self._parts.files, content)
        except StorageError:
            digest, size = _keep(self._parts.spare_files, content)
        self._put(FileLogged(path=path, digest=digest, size_bytes=size, at=self._parts.clock.now()))

    def _at_exit(self) -> None:
        with suppress(MillwrightError):
            if os.getpid() != self._pid:  # a forked child has what it logged, not the run
                self._parts.flusher.close()
            else:
                self.finish(RunStatus.FAILED if hasattr(sys, "last_value") else RunStatus.FINISHED)


def _keep(files: FileKeeper, content: bytes | Path) -> tuple[Digest, int]:
    if isinstance(content, bytes):
        return files.put(content), len(content)
    return files.put_file(content), content.stat().st_size
