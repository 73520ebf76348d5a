"""A workspace's endpoints as predictions come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, closest
from millwright.monitoring.live import LiveDrift, LiveMonitor
from millwright.monitoring.window import Window
from millwright.workspace.closed_loop import declarations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.automation.monitors import Declaration
    from millwright.monitoring.live import FoldResult
    from millwright.workspace.workspace import Workspace

DAY = timedelta(days=1)


def open_live(workspace: Workspace) -> LiveMonitor:
    """Follows the prediction log, and answers from its summaries, with the workspace's monitoring settings.

    Example:
        >>> with Workspace.open() as workspace, open_live(workspace) as live:  # doctest: +SKIP
        ...     live.step()
        ...     live.query.drift("schedule-delay").drifted
    """
    from millwright.workspace.wiring import monitor_settings

    return LiveMonitor(workspace.stores, workspace.clock, settings=monitor_settings(workspace.settings.monitor))


def known_endpoint(workspace: Workspace, endpoint: str) -> str:
    """The name, if there is such an endpoint or predictions of it.

    Raises:
        NotFoundError: There is neither.
    """
    logged = workspace.stores.predictions.list_endpoints()
    known = {*logged, *(record.name for record in workspace.stores.endpoints.list())}
    if endpoint not in known:
        hint = closest(endpoint, known) or "Serve a model first: mw serve NAME@champion"
        raise NotFoundError(f"There is no endpoint '{endpoint}', and no prediction was logged for it.", hint=hint)
    return endpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedWindow:
    """A window that was looked at.

    Attributes:
        name: Of the declared monitor; empty for the window that every endpoint without one gets.
        drift: What it looks like; None when there is nothing to compare it with.
        problem: Why not.
    """

    name: str
    endpoint: str
    drift: LiveDrift | None = None
    problem: str = ""


class Watch:
    """Follows endpoints, and looks at their windows: those of declared monitors, or one of fixed length.

    Args:
        workspace: Whose endpoints.
        live: Follows and answers.
        endpoints: Which; all with predictions when empty.
        length: Of the window of an endpoint for which no monitor is declared.
    """

    def __init__(
        self, workspace: Workspace, live: LiveMonitor, *, endpoints: Sequence[str] = (), length: timedelta = DAY
    ) -> None:
        self._workspace = workspace
        self._live = live
        self._endpoints = tuple(endpoints)
        self._length = length
        self._seen: set[str] = set()

    def round(self) -> tuple[list[FoldResult], list[WatchedWindow]]:
        """Fold what is new, and look at the windows of endpoints that had news, or are looked at for the first time."""
        folds = self._live.step(self._endpoints)
        news = [fold.endpoint for fold in folds if fold.segments or fold.held_by or fold.endpoint not in self._seen]
        self._seen.update(news)
        return folds, [self._look(*each) for endpoint in news for each in self._windows(endpoint)]

    def _windows(self, endpoint: str) -> list[tuple[Declaration | None, str, Window]]:
        now = self._workspace.clock.now()
        declared = [
            each for each in declarations(self._workspace.settings) if each.enabled and each.endpoint == endpoint
        ]
        if not declared:
            return [(None, endpoint, Window(start=now - self._length))]
        return [(each, endpoint, each.window_at(now)) for each in declared]

    def _look(self, declared: Declaration | None, endpoint: str, window: Window) -> WatchedWindow:
        name = declared.name if declared is not None else ""
        try:
            found = self._live.query.drift(endpoint, window, declared.settings if declared is not None else None)
        except NotFoundError as error:
            return WatchedWindow(name=name, endpoint=endpoint, problem=str(error))
        caveats = (*found.caveats, *other_reference(declared))
        return WatchedWindow(name=name, endpoint=endpoint, drift=replace(found, caveats=caveats))


def other_reference(declared: Declaration | None) -> tuple[str, ...]:
    """That summaries are held against the version's own reference, though a monitor names another, in a sentence."""
    if declared is None or declared.reference == "training":
        return ()
    said = f"Held against the version's own training rows: counts cannot be against '{declared.reference}'"
    return (f"{said}, which mw monitor check reads.",)
