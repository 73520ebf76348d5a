"""`mw.track`: a run outside pipelines, in the workspace found from here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError, StateTransitionError
from millwright.core.ids import RunId
from millwright.workspace.location import DATA_FOLDER
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import polars as pl

    from millwright.tracking.live_run import LiveRun
    from millwright.tracking.opening import RunSpec, TrackingPlace

DEFAULT_EXPERIMENT = "Default"
_VARIABLE = "MILLWRIGHT_TRACKING"


class Tracking:
    """A run that is about to be tracked; `mw.track` makes it.

    Args:
        spec: Which run.
        offline: Whether it is written offline; what MILLWRIGHT_TRACKING says when None.
    """

    def __init__(self, spec: RunSpec, *, offline: bool | None = None) -> None:
        self._spec = spec
        self._offline = offline
        self._run: LiveRun | None = None

    def start(self) -> LiveRun:
        """Begin the run; end it with its `finish`.

        Raises:
            NotFoundError: There is no run of that id to go on with.
            StateTransitionError: It was started before.
            StorageError: The workspace's store cannot be written.
        """
        from millwright.tracking.opening import open_run

        if self._run is not None:
            raise StateTransitionError("This run was started before.", hint="Call mw.track(…) again for another run.")
        workspace = Workspace.open()
        offline = _is_offline() if self._offline is None else self._offline
        try:
            self._run = open_run(self._spec, tracking_place(workspace, offline=offline), on_close=workspace.close)
        except BaseException:
            workspace.close()
            raise
        return self._run

    def __enter__(self) -> LiveRun:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._run is not None:
            self._run.__exit__(kind, error, trace)


def track(
    experiment: str = DEFAULT_EXPERIMENT,
    *,
    name: str = "",
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    parent: LiveRun | str | None = None,
    offline: bool | None = None,
) -> Tracking:
    """Track a run: `with mw.track("delay") as run: run.log_metric("loss", 0.5)`.

    It is written straight into the stores of the workspace that is found from the working folder, in the background.

    Args:
        experiment: Its experiment's name; made when it is not there.
        name: Its name, for people; the last digits of its id when empty.
        params: Its parameters; more can follow.
        tags: Its tags; more can follow.
        run_id: A run to go on with, instead of a new one.
        parent: The run that it is part of, or that run's id.
        offline: Whether to write only a local log, for `mw sync`; what MILLWRIGHT_TRACKING says when None.

    Returns:
        A context manager that gives the run; or call its `start()`, and `finish()` on what that gives.
    """
    from millwright.tracking.opening import RunSpec

    parent_id = parent if parent is None or isinstance(parent, str) else parent.id
    spec = RunSpec(
        experiment=experiment,
        name=name,
        params=params or {},
        tags=tags or {},
        run_id=None if run_id is None else RunId(run_id),
        parent_id=None if parent_id is None else RunId(parent_id),
    )
    return Tracking(spec, offline=offline)


def runs(
    where: str = "",
    *,
    experiment: str | None = None,
    order: Sequence[str] | str = (),
    limit: int = 1000,
    workspace: Workspace | None = None,
) -> pl.DataFrame:
    """Tracked runs as a frame: `mw.runs("metrics.auc > 0.8", order="metrics.auc desc")`.

    Args:
        where: A filter, as `mw runs search` takes it; all runs when empty.
        experiment: Only runs of this one.
        order: One order or several, the most important first; the latest runs first when empty.
        limit: Most runs.
        workspace: Whose; the one found from the working folder when None.

    Returns:
        One row for each run: run_id, name, status, times, then `metrics.…`, `params.…` and `tags.…`.

    Raises:
        InvalidInputError: The filter or an order cannot be read; the message says where and why.
        NotFoundError: There is no such experiment.
    """
    from millwright.tracking.frame import runs_frame

    opened = workspace or Workspace.open()
    try:
        orders = [order] if isinstance(order, str) else list(order)
        return runs_frame(opened.tracker.search(where, experiment=experiment, order=orders, limit=limit).items)
    finally:
        if workspace is None:
            opened.close()


def tracking_place(workspace: Workspace, *, offline: bool) -> TrackingPlace:
    """Where a workspace's live runs are written."""
    from millwright.tracking.opening import CaptureOptions, TrackingPlace

    section = workspace.settings.track
    return TrackingPlace(
        offline=offline_folder(workspace.folder),
        clock=workspace.clock,
        user=workspace.actor,
        capture=CaptureOptions(
            system_metrics=section.system_metrics,
            code=section.code,
            environment=section.environment,
            interval_s=section.interval_seconds,
        ),
        stores=None if offline else workspace.stores,
        tracker=None if offline else workspace.tracker,
    )


def offline_folder(folder: Path) -> Path:
    """The folder of a workspace's offline runs."""
    return folder / DATA_FOLDER / "offline"


def _is_offline() -> bool:
    value = os.environ.get(_VARIABLE, "").strip().lower()
    if value not in {"", "online", "offline"}:
        raise ConfigurationError(
            f"Expected {_VARIABLE} to be 'online' or 'offline', found {value!r}.", hint=f"Set {_VARIABLE}=offline."
        )
    return value == "offline"
