"""Reports of past windows that were never checked, or only by summaries: what a check of each would find.

A report of a past window holds all that a check of it holds, judged as checks are judged now: quality, drift,
performance, slices, groups, latency and cost, odd rows, concept, attribution. Labels are those that are known today,
which for most of a past window were not there when it ended; so its performance is what it came to be, not what a
check could have told on the day. What a server counted in that time (failed and refused requests) stands in no log and
is not told; neither is how old rows and labels were. Drift of errors is looked for within each window, not from one
check to the next.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.monitoring.judging import MOST_REPORTS, Judging
from millwright.monitoring.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.monitor import Monitor
    from millwright.storage.catalog import Stores


def report_past(
    endpoint: str,
    pieces: Iterable[tuple[datetime, datetime]],
    *,
    monitor: Monitor,
    stores: Stores,
    judged: Judging | None = None,
    problem: Callable[[str], object] = lambda _: None,
) -> Iterator[MonitorReportRecord]:
    """Write a full report for each window that has rows and none yet; what is past raises no alert, and ends none.

    Memory is that of one window's check at a time, oldest first: of later ones the performance is seen beside that of
    earlier ones.

    Args:
        endpoint: Whose.
        pieces: First moments and last ones, exclusive, in the order of time.
        monitor: Checks.
        stores: The prediction log, and reports, to leave out windows that have a full one of the same monitor.
        judged: How to judge.
        problem: Told once why windows have no report: their version has no reference.

    Yields:
        Each report once it is written. It stands among the others by its window's end, as if it had been made then;
        its document and the audit log tell when it was.
    """
    how = judged or Judging()
    name = how.monitor
    known = {
        (report.window_start, report.window_end)
        for report in stores.monitors.list_reports(endpoint, monitor=name, limit=MOST_REPORTS)
        if report.document is not None
    }
    told: set[str] = set()
    for start, end in pieces:
        if (start, end) in known:
            continue
        try:
            view = monitor.view(
                endpoint,
                window=Window(start=start, end=end, last=how.last, version=how.version),
                settings=how.settings,
                reference=how.reference,
                declared=how.declared,
            )
        except NotFoundError as error:
            has_rows = next(iter(stores.predictions.iter_tables(endpoint, start=start, end=end)), None) is not None
            if has_rows and str(error) not in told:
                told.add(str(error))
                problem(str(error))
            continue
        if view.report.rows:
            at = min(end, view.report.created_at)
            yield monitor.keep(replace(view, report=replace(view.report, created_at=at)))
