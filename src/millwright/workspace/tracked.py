"""One tracked run per pipeline run, so that its trials and figures stand together under one heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.run import RunStatus
from millwright.tracking.tracker import RunStart

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from millwright.core.ids import RunId
    from millwright.tracking.run import Run
    from millwright.tracking.tracker import Tracker


class PipelineTracking:
    """Opens a tracked run when a pipeline starts, and ends it with the pipeline.

    Args:
        tracker: Where runs are kept.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._open: Run | None = None

    def begin(self, pipeline: str, params: Mapping[str, Any], trigger: str) -> RunId:
        """A new run in the experiment named like the pipeline."""
        start = RunStart(params={key: str(value) for key, value in params.items()}, tags={"trigger": trigger})
        self._open = self._tracker.start_run(pipeline, name=pipeline, options=start)
        return self._open.id

    def end(self, status: RunStatus) -> None:
        """The run ended; nothing happens when none was begun."""
        if self._open is not None:
            self._open.finish(status)
            self._open = None
