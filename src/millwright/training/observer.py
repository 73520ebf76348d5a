"""Who watches trials: each one is a run of its own in the tracking store."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.records.run import RunStatus
from millwright.tracking.tracker import RunStart, Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from millwright.core.ids import RunId
    from millwright.tracking.run import Run


class TrialRun(Protocol):
    """One trial that is being recorded."""

    def log(self, metrics: Mapping[str, float]) -> None:
        """The trial's metrics, and its duration in seconds as `duration_s`."""
        ...

    def fail(self, reason: str) -> None:
        """The trial failed."""
        ...


class TrialObserver(Protocol):
    """Records trials as they happen."""

    def trial(self, name: str, params: Mapping[str, Any]) -> AbstractContextManager[TrialRun]:
        """A trial that lasts as long as the context.

        Args:
            name: `<candidate>-<number>`, or `baseline`.
            params: The candidate's name as `candidate`, and its parameters.
        """
        ...


class UnseenTrials:
    """Records nothing."""

    @contextmanager
    def trial(self, name: str, params: Mapping[str, Any]) -> Iterator[TrialRun]:
        """A trial that nobody records."""
        del name, params
        yield _UnseenRun()


class TrackedTrials:
    """Records trials as runs of an experiment.

    Args:
        tracker: Starts the runs.
        experiment: Its name; made when it is not there.
        parent_id: The run that the trials are part of.
    """

    def __init__(self, tracker: Tracker, *, experiment: str, parent_id: RunId | None) -> None:
        self._tracker = tracker
        self._experiment = experiment
        self._parent_id = parent_id

    @contextmanager
    def trial(self, name: str, params: Mapping[str, Any]) -> Iterator[TrialRun]:
        """A trial as a run; killed or failed when the context raises."""
        start = RunStart(parent_id=self._parent_id, params=params, tags={"candidate": params["candidate"]})
        with self._tracker.start_run(self._experiment, name=name, options=start) as run:
            yield _TrackedRun(run)


class _UnseenRun:
    def log(self, metrics: Mapping[str, float]) -> None:
        del metrics

    def fail(self, reason: str) -> None:
        del reason


class _TrackedRun:
    def __init__(self, run: Run) -> None:
        self._run = run

    def log(self, metrics: Mapping[str, float]) -> None:
        self._run.log_metrics(metrics)

    def fail(self, reason: str) -> None:
        self._run.set_tags({"error": reason})
        self._run.finish(RunStatus.FAILED)
