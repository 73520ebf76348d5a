"""Reports of past ranges, one for each chunk of time, from summaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.ids import ReportId, new_id
from millwright.core.plain_time import told_length
from millwright.core.records.monitor import MonitorReportRecord
from millwright.core.records.summary import SummarySpan
from millwright.monitoring.judging import MOST_REPORTS, Judging
from millwright.monitoring.live.span import begin_of
from millwright.monitoring.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.clock import Clock
    from millwright.monitoring.live.query import LiveDrift, LiveQuery
    from millwright.storage.catalog import Stores

_HOUR = timedelta(hours=1)


def chunks(start: datetime, end: datetime, every: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """The pieces of a range, from the hour in which it begins; the last may be shorter.

    Args:
        start: The first moment.
        end: The last one, exclusive.
        every: The length of a piece, whole hours.

    Raises:
        InvalidInputError: The length is not of whole hours: summaries know no shorter ones.
    """
    require_hours(every)
    return _pieces(begin_of(start.astimezone(UTC), SummarySpan.HOUR), end, every)


def require_hours(every: timedelta) -> None:
    """See, before anything is counted, that pieces can be so long.

    Raises:
        InvalidInputError: The length is not of whole hours: summaries know no shorter ones.
    """
    if every < _HOUR or every % _HOUR:
        raise InvalidInputError(
            f"Expected chunks of whole hours, found {told_length(every)}.", hint="Write for example 1h or 1d."
        )


def _pieces(begin: datetime, end: datetime, every: timedelta) -> Iterator[tuple[datetime, datetime]]:
    while begin < end:
        yield begin, min(begin + every, end)
        begin += every


def report_chunks(
    endpoint: str,
    *,
    query: LiveQuery,
    stores: Stores,
    clock: Clock,
    pieces: Iterator[tuple[datetime, datetime]],
    actor: str,
    judged: Judging | None = None,
) -> Iterator[MonitorReportRecord]:
    """Write a report for each chunk that has rows and none of that monitor yet; what is past raises no alert.

    Args:
        endpoint: Whose.
        query: Answers from summaries: what is to be seen must be folded.
        stores: Where reports and their audit entries go.
        clock: Tells when they were made.
        pieces: The chunks.
        actor: Who asked for them, for the audit log.
        judged: How drift is decided, in place of what the query was made with, and for which monitor.

    Yields:
        Each report once it is written; without a document and without performance, which take rows (`past`). It stands
        among the others by its window's end; the audit log tells when it was made.
    """
    how = judged or Judging()
    known = {
        (report.window_start, report.window_end, report.model, report.version)
        for report in stores.monitors.list_reports(endpoint, monitor=how.monitor, limit=MOST_REPORTS)
    }
    for start, end in pieces:
        found = query.drift(endpoint, Window(start=start, end=end), how.settings)
        if not found.rows or (start, end, found.model, found.version) in known:
            continue
        now = clock.now()
        report = replace(_report(found, start, end, now), monitor=how.monitor)
        with stores.transactions.transaction():
            stores.monitors.append_report(report)
            stores.audit.append(
                at=now,
                actor=actor,
                action="monitor.backfill",
                subject=f"endpoint:{endpoint}",
                details={
                    "report_id": report.id,
                    "from": start.isoformat(),
                    "to": end.isoformat(),
                    "model": f"{report.model}@{report.version}",
                    "rows": report.rows,
                    "drifted": [column.column for column in report.drift if column.drifted],
                    **({"monitor": dict(how.declared)} if how.declared else {}),
                },
            )
        yield report


def _report(found: LiveDrift, start: datetime, end: datetime, now: datetime) -> MonitorReportRecord:
    return MonitorReportRecord(
        id=ReportId(new_id(int(now.timestamp() * 1000))),
        endpoint=found.endpoint,
        model=found.model,
        version=found.version,
        window_start=start,
        window_end=end,
        created_at=min(end, now),
        rows=found.rows,
        labelled_rows=0,
        drift=tuple(column.record for column in found.drift),
    )
