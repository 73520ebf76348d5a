"""What monitoring found, as figures for Prometheus: of each endpoint's newest report, of its alerts, of its log.

The names and labels stand here once, for whoever serves the figures and whoever writes dashboards and rules on them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from millwright.core.errors import NotFoundError
from millwright.monitoring.live import LiveMonitor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from millwright.core.clock import Clock
    from millwright.core.ids import ReportId
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.storage.catalog import Stores

_MOST_ALERTS = 10_000
_MOST_DOCUMENTS = 256
_FRESH_S = 15.0

Sample: TypeAlias = "tuple[MonitorMetric, tuple[str, ...], float]"


class MonitorMetric(StrEnum):
    """The figures by name; all of them are gauges."""

    DRIFT_SCORE = "millwright_monitor_drift_score"
    DRIFT_LIMIT = "millwright_monitor_drift_limit"
    DRIFTED = "millwright_monitor_drifted"
    PERFORMANCE = "millwright_monitor_performance"
    PERFORMANCE_LOW = "millwright_monitor_performance_low"
    PERFORMANCE_HIGH = "millwright_monitor_performance_high"
    LABEL_COVERAGE = "millwright_monitor_label_coverage_ratio"
    ROWS = "millwright_monitor_rows"
    CHECKED = "millwright_monitor_checked_timestamp_seconds"
    LAG = "millwright_monitor_lag_seconds"
    ALERTS = "millwright_monitor_alerts_open"

    @property
    def about(self) -> str:
        """What it says."""
        return _ABOUT[self][0]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of its labels."""
        return ("endpoint", *_ABOUT[self][1])


_ABOUT: Mapping[MonitorMetric, tuple[str, tuple[str, ...]]] = {
    MonitorMetric.DRIFT_SCORE: ("The statistic that decides about a column.", ("column", "statistic")),
    MonitorMetric.DRIFT_LIMIT: ("Its limit.", ("column", "statistic")),
    MonitorMetric.DRIFTED: ("1 for a column that has drifted, else 0.", ("column",)),
    MonitorMetric.PERFORMANCE: (
        "A metric: realised on labels, estimated without them, or at evaluation.",
        ("metric", "source"),
    ),
    MonitorMetric.PERFORMANCE_LOW: ("The lower end of its interval.", ("metric", "source")),
    MonitorMetric.PERFORMANCE_HIGH: ("The upper end of its interval.", ("metric", "source")),
    MonitorMetric.LABEL_COVERAGE: ("Share of the window's rows whose label is known, 0 to 1.", ()),
    MonitorMetric.ROWS: ("Rows of the window of the newest report.", ()),
    MonitorMetric.CHECKED: ("When the newest report was made, in seconds since 1970.", ()),
    MonitorMetric.LAG: ("Seconds since the oldest prediction that live monitoring has not counted; 0 for none.", ()),
    MonitorMetric.ALERTS: ("Alerts that are not resolved.", ("kind", "severity", "state")),
}


class Exposition:
    """Reads the figures from the stores, at most every 15 seconds; safe to share between threads.

    Args:
        stores: Reports, alerts, the log and its summaries.
        clock: Tells what lags.
        fresh_s: So long what was read is told again.
    """

    def __init__(self, stores: Stores, clock: Clock, *, fresh_s: float = _FRESH_S) -> None:
        self._stores = stores
        self._live = LiveMonitor(stores, clock)
        self._fresh_s = fresh_s
        self._lock = threading.Lock()
        self._known: tuple[Sample, ...] = ()
        self._until = 0.0
        self._documents: dict[ReportId, Mapping[str, Any]] = {}  # what a report says never changes

    def samples(self) -> tuple[Sample, ...]:
        """All figures: (metric, the values of its labels, value); none of endpoints that were never checked but lag."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = tuple(self._read())
                self._until = time.monotonic() + self._fresh_s
            return self._known

    def _read(self) -> Iterator[Sample]:
        known = {record.name for record in self._stores.endpoints.list()}
        for endpoint in sorted({*known, *self._stores.predictions.list_endpoints()}):
            reports = self._stores.monitors.list_reports(endpoint, limit=1)
            if reports:
                yield from report_samples(reports[0], self._document(reports[0]))
            yield MonitorMetric.LAG, (endpoint,), self._live.status(endpoint).lag_s
        alerts = Counter(
            (alert.endpoint, alert.kind, alert.severity.value, alert.state.value)
            for alert in self._stores.monitors.list_alerts(open_only=True, limit=_MOST_ALERTS)
        )
        for labels, count in sorted(alerts.items()):
            yield MonitorMetric.ALERTS, labels, float(count)

    def _document(self, report: MonitorReportRecord) -> Mapping[str, Any]:
        import msgspec

        if report.id not in self._documents:
            while len(self._documents) >= _MOST_DOCUMENTS:
                del self._documents[next(iter(self._documents))]
            found: dict[str, Any] = {}
            try:
                document = msgspec.json.decode(self._stores.artifacts.get(report.document)) if report.document else {}
                found = {name: document.get(name) for name in ("performance", "estimated")}
            except NotFoundError:  # removed, which the record outlives: it has all but the intervals
                found = {}
            self._documents[report.id] = found
        return self._documents[report.id]


def report_samples(report: MonitorReportRecord, document: Mapping[str, Any]) -> Iterator[Sample]:
    """The figures of one report.

    Args:
        report: The report.
        document: Of its full JSON `performance` and `estimated`, which have the intervals; either may be missing.
    """
    endpoint = report.endpoint
    yield MonitorMetric.ROWS, (endpoint,), float(report.rows)
    yield MonitorMetric.CHECKED, (endpoint,), report.created_at.timestamp()
    yield MonitorMetric.LABEL_COVERAGE, (endpoint,), report.labelled_rows / report.rows if report.rows else 0.0
    for drift in report.drift:
        score = drift.scores.get(drift.statistic)
        yield MonitorMetric.DRIFTED, (endpoint, drift.column), float(drift.drifted)
        yield MonitorMetric.DRIFT_LIMIT, (endpoint, drift.column, drift.statistic), drift.threshold
        if score is not None:
            yield MonitorMetric.DRIFT_SCORE, (endpoint, drift.column, drift.statistic), score
    realised, estimated = document.get("performance") or {}, document.get("estimated") or {}
    yield from _performance(endpoint, "realised", report.performance, realised.get("intervals") or {})
    yield from _performance(endpoint, "estimated", estimated.get("metrics") or {}, estimated.get("intervals") or {})
    yield from _performance(endpoint, "evaluation", report.reference_performance, {})


def _performance(
    endpoint: str, source: str, metrics: Mapping[str, float], intervals: Mapping[str, Iterable[float]]
) -> Iterator[Sample]:
    for name, value in metrics.items():
        yield MonitorMetric.PERFORMANCE, (endpoint, name, source), value
    for name, (low, high) in intervals.items():
        yield MonitorMetric.PERFORMANCE_LOW, (endpoint, name, source), low
        yield MonitorMetric.PERFORMANCE_HIGH, (endpoint, name, source), high
