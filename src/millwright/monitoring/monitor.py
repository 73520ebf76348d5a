"""The check: one endpoint, one window, against the reference of the version that answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.digest import canonical_json
from millwright.core.errors import NotFoundError, closest
from millwright.core.events import Event
from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import MonitorReportRecord
from millwright.evaluation.wording import counted
from millwright.models.signature import Signature
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.comparison import compare_window
from millwright.monitoring.document import report_document
from millwright.monitoring.finding import find_alarms
from millwright.monitoring.reference import DOCUMENT, load_reference
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window, WindowRows, read_window

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import ModelVersionRecord
    from millwright.monitoring.comparison import Comparison
    from millwright.storage.catalog import Stores


class VersionResolver(Protocol):
    """Finds versions by what people write; the registry is one."""

    def resolve(self, selector: str) -> ModelVersionRecord:
        """The version of `name@alias`, `name@3` or `name`."""
        ...


class Monitor:
    """Compares what an endpoint sees and answers with the reference, and raises alerts.

    Args:
        stores: Prediction log, reports, alerts, audit log and artifacts.
        registry: Resolves what an endpoint follows when its log is empty.
        clock: Tells when.
        events: Hears `monitor.checked` and `alert.raised`.
        actor: Who checks, for the audit log.
    """

    def __init__(
        self, *, stores: Stores, registry: VersionResolver, clock: Clock, events: EventBus, actor: str = "monitor"
    ) -> None:
        self._stores = stores
        self._registry = registry
        self._clock = clock
        self._events = events
        self._actor = actor
        self._desk = AlertDesk(stores=stores, clock=clock, events=events, actor=actor)

    def check(
        self, endpoint: str, *, window: Window | None = None, settings: MonitorSettings | None = None
    ) -> MonitorReportRecord:
        """Check a window and write what was found: report, alerts and audit entries in one transaction.

        An alert is raised once: while one of the same kind and endpoint is unresolved, further findings only stand in
        their reports.

        Args:
            endpoint: The endpoint's name.
            window: Which predictions; all of the newest version's by default.
            settings: How to judge them.

        Returns:
            The report; its `document` is the full JSON.

        Raises:
            NotFoundError: No such endpoint, or the version that answered has no reference.
        """
        chosen = settings or MonitorSettings()
        rows = read_window(self._stores.predictions, endpoint, window or Window(), now=self._clock.now())
        version = self._version(endpoint, rows)
        comparison = self._compare(endpoint, rows, version, chosen)
        return self._write(endpoint, rows, version, comparison, chosen)

    def _version(self, endpoint: str, rows: WindowRows) -> ModelVersionRecord:
        if rows.records:
            return self._stores.models.get_version(rows.records[0].model, rows.records[0].version)
        record = self._stores.endpoints.find(endpoint)
        if record is None:
            known = {*self._stores.predictions.list_endpoints(), *(e.name for e in self._stores.endpoints.list())}
            raise NotFoundError(
                f"There is no endpoint '{endpoint}', and no prediction was logged for it.",
                hint=closest(endpoint, known) or "Serve a model first: mw serve NAME@champion",
            )
        return self._registry.resolve(f"{record.model}@{record.selector}")

    def _compare(
        self, endpoint: str, rows: WindowRows, version: ModelVersionRecord, settings: MonitorSettings
    ) -> Comparison:
        if DOCUMENT not in version.documents:
            raise NotFoundError(
                f"Version {version.ref} has no document '{DOCUMENT}', which the window is compared with.",
                hint="Register the model through a pipeline (mw run, mw fit), which writes one.",
            )
        notes = [f"Left out: {counted(count, 'row')} answered by {ref}." for ref, count in rows.left_out.items()]
        if len(rows.records) < settings.min_rows:
            needed = counted(settings.min_rows, "row")
            notes.append(f"Too few to decide about drift: {len(rows.records):,} of the {needed} that it takes.")
        reference = load_reference(self._stores.artifacts.get(version.documents[DOCUMENT]))
        signature = Signature.from_json(version.signature)
        labels = {label.prediction_id: label.value for label in self._stores.predictions.iter_labels(endpoint)}
        return compare_window(rows, labels, (reference, signature), settings, tuple(notes))

    def _write(
        self,
        endpoint: str,
        rows: WindowRows,
        version: ModelVersionRecord,
        comparison: Comparison,
        settings: MonitorSettings,
    ) -> MonitorReportRecord:
        now = self._clock.now()
        report_id = ReportId(new_id(int(now.timestamp() * 1000)))
        header = {
            "report_id": report_id,
            "endpoint": endpoint,
            "model": version.name,
            "version": version.version,
            "window": {"start": rows.start.isoformat(), "end": rows.end.isoformat(), "left_out": dict(rows.left_out)},
            "created_at": now.isoformat(),
        }
        findings = find_alarms(comparison, settings)
        document = report_document(comparison, findings, settings, header)
        performance = comparison.performance
        report = MonitorReportRecord(
            id=report_id,
            endpoint=endpoint,
            model=version.name,
            version=version.version,
            window_start=rows.start,
            window_end=rows.end,
            created_at=now,
            rows=comparison.rows,
            labelled_rows=performance.labelled_rows if performance else 0,
            drift=tuple(drift.record for drift in comparison.drift),
            performance=performance.metrics if performance else {},
            reference_performance=performance.reference if performance else {},
            document=self._stores.artifacts.put(canonical_json(document)),
        )
        with self._stores.transactions.transaction():
            self._stores.monitors.append_report(report)
            self._stores.audit.append(
                at=now,
                actor=self._actor,
                action="monitor.check",
                subject=f"endpoint:{endpoint}",
                details=_summary(report),
            )
            event = Event(type="monitor.checked", subject=endpoint, at=now, data=_summary(report))
            self._stores.transactions.after_commit(lambda: self._events.emit(event))
            for finding in findings:
                self._desk.record(finding, endpoint=endpoint, report_id=report_id)
        return report

    def read_document(self, report: MonitorReportRecord) -> dict[str, Any]:
        """The full JSON of a report.

        Raises:
            NotFoundError: The report has none, or it was removed.
        """
        if report.document is None:
            raise NotFoundError(f"Report '{report.id}' has no document.")
        document: dict[str, Any] = json.loads(self._stores.artifacts.get(report.document))
        return document


def _summary(report: MonitorReportRecord) -> dict[str, Any]:
    return {
        "report_id": report.id,
        "endpoint": report.endpoint,
        "model": f"{report.model}@{report.version}",
        "rows": report.rows,
        "labelled_rows": report.labelled_rows,
        "drifted": [record.column for record in report.drift if record.drifted],
    }
