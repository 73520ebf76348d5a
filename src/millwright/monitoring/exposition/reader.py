"""Reads the figures from the stores."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.core.records.monitor import AlertState
from millwright.monitoring.exposition.bound import bounded
from millwright.monitoring.exposition.catalog import ALERTS, FAMILIES, LAG
from millwright.monitoring.exposition.fact import ReportFacts
from millwright.monitoring.exposition.newest import DeclaredMonitors, newest_reports
from millwright.monitoring.live import LiveMonitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from millwright.core.clock import Clock
    from millwright.core.ids import ReportId
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.exposition.metric import Sample
    from millwright.storage.catalog import Stores

_MOST_ALERTS = 10_000
_FRESH_S = 15.0


class Exposition:
    """Reads the figures from the stores, at most every 15 seconds; safe to share between threads.

    Args:
        stores: Reports, alerts, the log and its summaries.
        clock: Tells what lags.
        declared: Tells which monitors there are; without it the newest report of each endpoint is told of alone.
        fresh_s: So long what was read is told again.
    """

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        *,
        declared: Callable[[], DeclaredMonitors] = DeclaredMonitors,
        fresh_s: float = _FRESH_S,
    ) -> None:
        self._stores = stores
        self._live = LiveMonitor(stores, clock)
        self._declared = declared
        self._fresh_s = fresh_s
        self._lock = threading.Lock()
        self._known: tuple[Sample, ...] = ()
        self._until = 0.0
        self._reports: dict[ReportId, tuple[Sample, ...]] = {}  # what a report says never changes

    def samples(self) -> tuple[Sample, ...]:
        """All figures: (metric, the values of its labels, value); of endpoints never checked the lag alone."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = tuple(self._read())
                self._until = time.monotonic() + self._fresh_s
            return self._known

    def _read(self) -> Iterator[Sample]:
        endpoints = {record.name for record in self._stores.endpoints.list()}
        declared, told = self._declared(), {}
        for endpoint in sorted({*endpoints, *self._stores.predictions.list_endpoints()}):
            for report in newest_reports(self._stores.monitors, endpoint, declared):
                told[report.id] = self._reports.get(report.id) or self._of(report)
                yield from told[report.id]
            yield LAG, (endpoint,), self._live.status(endpoint).lag_s
        self._reports = told
        alerts = Counter(
            (alert.endpoint, alert.monitor, alert.kind, alert.severity.value, alert.state.value)
            for alert in self._stores.monitors.list_followed(limit=_MOST_ALERTS)
            if alert.state is not AlertState.RESOLVED
        )
        for labels, count in sorted(alerts.items()):
            yield ALERTS, labels, float(count)

    def _of(self, report: MonitorReportRecord) -> tuple[Sample, ...]:
        return tuple(bounded(ReportFacts(record=report, document=self._document(report)), FAMILIES))

    def _document(self, report: MonitorReportRecord) -> Mapping[str, Any]:
        import msgspec

        try:
            found = msgspec.json.decode(self._stores.artifacts.get(report.document)) if report.document else {}
        except NotFoundError:  # removed, which the record outlives
            return {}
        return found if isinstance(found, dict) else {}
