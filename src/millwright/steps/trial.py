"""Trials of a tuning as tracked runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.records.run import RunStatus
from millwright.tracking.tracker import RunStart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import RunId
    from millwright.tracking.run import Run
    from millwright.tracking.tracker import Tracker


class TrackedTrials:
    """Records each trial as a run under a parent; fits training's `TrialObserver`.

    Args:
        tracker: Where runs are kept.
        experiment: The experiment that they belong to.
        parent: The run that they are nested under.
    """

    def __init__(self, tracker: Tracker, *, experiment: str, parent: RunId | None) -> None:
        self._tracker, self._experiment, self._parent = tracker, experiment, parent

    def begin(self, name: str, params: Mapping[str, Any]) -> TrackedTrial:
        """A run of its own for a trial."""
        start = RunStart(parent_id=self._parent, params={key: str(value) for key, value in params.items()})
        return TrackedTrial(self._tracker.start_run(self._experiment, name=name, options=start))


class TrackedTrial:
    """One trial's run.

    Args:
        run: The run, which is open.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def log(self, metrics: Mapping[str, float]) -> None:
        """The trial's metrics."""
        self._run.log_metrics(metrics)

    def end(self, *, error: str = "") -> None:
        """The trial is over; failed when there is an error, which is kept as a tag."""
        if error:
            self._run.set_tags({"error": error})
        self._run.finish(RunStatus.FAILED if error else RunStatus.FINISHED)
