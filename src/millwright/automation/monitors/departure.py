"""Alerts of monitors that nobody checks any more.

An alert ends by clean checks of the monitor that raised it. Once that is removed from the project file, renamed,
switched off or turned to another endpoint, none will come.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import StateTransitionError
from millwright.core.records.monitor import AlertState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from millwright.automation.monitors.declaration import Declaration
    from millwright.core.records.monitor import AlertRecord
    from millwright.monitoring.alert import AlertDesk
    from millwright.storage.base import MonitorStore


def end_departed(
    declared: Sequence[Declaration],
    *,
    monitors: MonitorStore,
    desk: AlertDesk,
    beside: Collection[tuple[str, str]] = (),
) -> list[AlertRecord]:
    """Resolve, with a note that says why, what stands of declared monitors that are gone, and forget their streaks.

    One that is declared again begins to count findings anew, as one that was never there.

    Args:
        declared: All that the project declares.
        monitors: Where alerts are; those that were raised by checks by hand stay.
        desk: Resolves them.
        beside: Endpoint and name of monitors that other projects of the workspace declare.

    Returns:
        The alerts that were resolved.
    """
    watching = {(each.endpoint, each.name) for each in declared if each.enabled} | set(beside)
    ended = []
    for alert in monitors.list_followed():
        is_departed = alert.monitor and (alert.endpoint, alert.monitor) not in watching
        if is_departed and alert.state is not AlertState.RESOLVED:
            with suppress(StateTransitionError):  # somebody resolved it at this moment
                ended.append(desk.resolve(alert.id, reason=_why(alert.monitor, declared)))
    for streak in monitors.list_streaks():
        if streak.monitor and (streak.endpoint, streak.monitor) not in watching:
            monitors.put_streak(replace(streak, findings=0))
    return ended


def _why(monitor: str, declared: Sequence[Declaration]) -> str:
    named = next((each for each in declared if each.name == monitor), None)
    if named is None:
        return f"The monitor '{monitor}' is no longer declared in the project file."
    if not named.enabled:
        return f"The monitor '{monitor}' is switched off (enabled = false)."
    return f"The monitor '{monitor}' watches '{named.endpoint}' now."
