"""Which reports are told of: the newest of each monitor that is still declared, and the newest one made by hand.

What a monitor told last must not stand for ever once it was removed, switched off or turned to another endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.storage.base import MonitorStore


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredMonitors:
    """The declared monitors, as they were written down last.

    Attributes:
        names: Endpoint → the names of the monitors that watch it; without those that are switched off.
        since: When that was written; None when nothing was.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: datetime | None = None


def newest_reports(monitors: MonitorStore, endpoint: str, declared: DeclaredMonitors) -> list[MonitorReportRecord]:
    """The newest report of each monitor that watches the endpoint.

    Args:
        monitors: The reports.
        endpoint: Whose.
        declared: Which monitors there are.

    Returns:
        At most one per monitor. The endpoint's newest report is among them also when it was made by hand, or by a
        monitor that was not written down yet; not when that was removed since.
    """
    found = [
        report
        for name in declared.names.get(endpoint, ())
        for report in monitors.list_reports(endpoint, monitor=name, limit=1)
    ]
    for report in monitors.list_reports(endpoint, limit=1):
        is_known = any(report.monitor == each.monitor for each in found)
        removed = report.monitor and declared.since is not None and report.created_at <= declared.since
        if not is_known and not removed:
            found.append(report)
    return found
