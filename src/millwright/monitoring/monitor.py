"""The check: one endpoint, one window, against the reference of the version that answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.digest import canonical_json, digest_json
from millwright.core.errors import NotFoundError, closest
from millwright.core.events import Event
from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import MonitorReportRecord, WatchRecord
from millwright.evaluation.wording import counted
from millwright.models.signature import Signature
from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.comparison import Circumstances, compare_window
from millwright.monitoring.document import report_document
from millwright.monitoring.estimation import window_estimator
from millwright.monitoring.finding import AlertKind, Finding
from millwright.monitoring.history import known_hours, newest_label, newest_row
from millwright.monitoring.operations.counters import counted_since
from millwright.monitoring.reference import DOCUMENT, load_reference
from millwright.monitoring.seasonal import SeasonFinder, SeasonSubject
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.version_importance import VersionImportances
from millwright.monitoring.window import Window, WindowRows, read_window

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.ids import Digest
    from millwright.core.records.model import ModelVersionRecord
    from millwright.monitoring.alerting import AlertRules
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.estimation import WindowEstimator
    from millwright.monitoring.operations import ServedCounts
    from millwright.monitoring.reference import Reference
    from millwright.storage.catalog import Stores

_MOST_EARLIER = 520  # reports whose metrics a check's is seen beside: three weeks of hours, as a season takes
_MOST_UNSERVED = 10  # newest reports among which one with the server's counters is looked for
_MOST_VERSIONS = 8  # a server that runs for months sees many, and the reference and models of each stay in memory


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorView:
    """What was found in a window.

    Attributes:
        report: The report, without a digest of its document.
        document: The full JSON.
        findings: What is worth an alert.
        judged: The kinds of alerts of which could be told whether there is one.
        watch: What the next check of the same stream is to be given; None where this one goes on with none.
        answering: Which versions served and were to be served when the rows were read; None of a window that is
            judged whatever answers now.
    """

    report: MonitorReportRecord
    document: Mapping[str, Any]
    findings: tuple[Finding, ...]
    judged: frozenset[AlertKind]
    watch: WatchRecord | None = None
    answering: tuple[int | None, int | None] | None = None


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
        rules: After how many findings alerts are raised, and after how many clean checks they end.
        counters: Asks a running server, by its URL, what it has counted; it is not asked when None.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        registry: VersionResolver,
        clock: Clock,
        events: EventBus,
        actor: str = "monitor",
        rules: AlertRules | None = None,
        counters: Callable[[str], ServedCounts | None] | None = None,
    ) -> None:
        self._stores = stores
        self._registry = registry
        self._clock = clock
        self._events = events
        self._actor = actor
        self._desk = AlertDesk(stores=stores, clock=clock, events=events, actor=actor, rules=rules)
        self._importances = VersionImportances(stores.artifacts)
        self._counters = counters
        self._references: dict[Digest, Reference] = {}  # what is learned of each takes a while
        self._seasons = SeasonFinder(stores, clock)
        self._estimators: dict[Digest, tuple[WindowEstimator | None, str]] = {}  # by reference; likewise

    def check(
        self,
        endpoint: str,
        *,
        window: Window | None = None,
        settings: MonitorSettings | None = None,
        reference: Reference | None = None,
        declared: Mapping[str, Any] | None = None,
    ) -> MonitorReportRecord:
        """Check a window and write what was found: report, alerts and audit entries in one transaction.

        An alert is raised once: while one of the same endpoint, monitor, kind and subject is unresolved, it counts
        further findings. Checks of another monitor neither count in it nor end it.

        Args:
            endpoint: The endpoint's name.
            window: Which predictions; all of the version that answers now by default.
            settings: How to judge them.
            reference: What they are compared with in place of what the version was made with.
            declared: The monitor that asks, as JSON values, its `name` among them; stands in the report and in the
                audit log. What it found earlier is what metrics are seen beside.

        Returns:
            The report; its `document` is the full JSON.

        Raises:
            NotFoundError: No such endpoint or version, or the version that answered has no reference.
        """
        view = self._look(endpoint, window, settings, reference, declared, goes_on=True)
        return self._write(view, declared)

    def view(
        self,
        endpoint: str,
        *,
        window: Window | None = None,
        settings: MonitorSettings | None = None,
        reference: Reference | Callable[[ModelVersionRecord], Reference | None] | None = None,
        declared: Mapping[str, Any] | None = None,
    ) -> MonitorView:
        """What a check of the window would find; writes nothing and raises no alert.

        Args and errors are those of `check`; the reference may be told by the version that answered. Concept drift is
        looked for in the window alone, whatever was seen before.
        """
        return self._look(endpoint, window, settings, reference, declared)

    def _look(
        self,
        endpoint: str,
        window: Window | None,
        settings: MonitorSettings | None,
        reference: Reference | Callable[[ModelVersionRecord], Reference | None] | None,
        declared: Mapping[str, Any] | None,
        *,
        goes_on: bool = False,
    ) -> MonitorView:
        chosen = settings or MonitorSettings()
        now = self._clock.now()
        follows = window is None or (window.version is None and window.end is None)
        answering = _answering(self._stores, self._registry, endpoint) if follows else None
        window, rows = self._read(endpoint, window or Window(), now)
        version = self._version(endpoint, rows, window.version)
        stream = _stream(version, chosen, declared) if goes_on and rows.is_open else ""
        last = self._stores.monitors.find_watch(endpoint, stream) if stream else None
        monitor = str((declared or {}).get("name", ""))
        asked = (endpoint, window, monitor)
        reference = reference(version) if callable(reference) else reference
        comparison = self._compare(asked, rows, version, (chosen, reference), last.data if last else None)
        report = _report(endpoint, rows, version, comparison, now, monitor)
        header = {
            "report_id": report.id,
            "endpoint": endpoint,
            "model": version.name,
            "version": version.version,
            "window": {"start": rows.start.isoformat(), "end": rows.end.isoformat(), "left_out": dict(rows.left_out)},
            "created_at": now.isoformat(),
            **({"monitor": dict(declared)} if declared is not None else {}),
        }
        findings = find_alarms(comparison, chosen)
        return MonitorView(
            report=report,
            document=report_document(comparison, findings, chosen, header),
            findings=tuple(findings),
            judged=judged_kinds(comparison, chosen),
            watch=_left(endpoint, stream, comparison, now),
            answering=answering,
        )

    def _read(self, endpoint: str, window: Window, now: datetime) -> tuple[Window, WindowRows]:
        """The window's rows; of one that is open, those of the version that answers now.

        What was answered before the alias moved is past: a retraining has dealt with it, and would be asked for again
        at each check until the new version is asked for the first time.
        """
        rows = read_window(self._stores.predictions, endpoint, window, now=now)
        record = self._stores.endpoints.find(endpoint)
        if record is None or window.version is not None or not rows.is_open or rows.model != record.model:
            return window, rows
        try:
            answers = self._registry.resolve(f"{record.model}@{record.serving_version or record.selector}").version
        except NotFoundError:  # the alias is gone, and no server runs
            return window, rows
        if answers == rows.version:
            return window, rows
        window = replace(window, version=answers)
        found = read_window(self._stores.predictions, endpoint, window, now=now)
        left_out = {**rows.left_out, f"{rows.model}@{rows.version}": len(rows)}
        left_out.pop(f"{record.model}@{answers}", None)
        return window, replace(found, left_out=left_out)

    def _version(self, endpoint: str, rows: WindowRows, wanted: int | None) -> ModelVersionRecord:
        if len(rows):
            return self._stores.models.get_version(rows.model, rows.version)
        record = self._stores.endpoints.find(endpoint)
        if record is None:
            known = {*self._stores.predictions.list_endpoints(), *(e.name for e in self._stores.endpoints.list())}
            raise NotFoundError(
                f"There is no endpoint '{endpoint}', and no prediction was logged for it.",
                hint=closest(endpoint, known) or "Serve a model first: mw serve NAME@champion",
            )
        return self._registry.resolve(f"{record.model}@{wanted or record.selector}")

    def _reference(self, version: ModelVersionRecord) -> Reference:
        if DOCUMENT not in version.documents:
            raise NotFoundError(
                f"Version {version.ref} has no document '{DOCUMENT}', which the window is compared with.",
                hint="Register the model through a pipeline (mw run, mw fit), which writes one.",
            )
        key = version.documents[DOCUMENT]
        if key not in self._references:
            while len(self._references) >= _MOST_VERSIONS:
                del self._references[next(iter(self._references))]
            self._references[key] = load_reference(self._stores.artifacts.get(key))
        return self._references[key]

    def _compare(
        self,
        asked: tuple[str, Window, str],
        rows: WindowRows,
        version: ModelVersionRecord,
        how: tuple[MonitorSettings, Reference | None],
        watch: bytes | None,
    ) -> Comparison:
        (endpoint, window, monitor), (settings, given) = asked, how
        notes = _notes(rows, version, settings.min_rows)
        reference = given or self._reference(version)
        signature, now = Signature.from_json(version.signature), self._clock.now()
        labels = self._stores.predictions.label_table(endpoint)
        earlier = self._earlier(endpoint, monitor, version)
        subject = SeasonSubject(
            endpoint=endpoint,
            window=window,
            rows=rows,
            reference=reference,
            signature=signature,
            labels=labels,
            earlier=earlier,
        )
        around = Circumstances(
            now=now,
            newest_label=newest_label(labels),
            newest_row=None if len(rows) or not rows.is_open else newest_row(self._stores.predictions, endpoint, now),
            hours=known_hours(self._stores.summaries, endpoint, before=rows.start),
            served=self._served(endpoint, monitor) if rows.is_open else None,
            earlier=earlier,
            watch=watch,
            season=self._seasons.find(subject, settings),
            importances=lambda: self._importances.of(
                version, reference, signature, permute=settings.insight.attribution.permute
            ),
        )
        estimator = None
        if settings.estimate and len(rows) >= settings.min_rows:
            key = None if given is not None else version.documents[DOCUMENT]
            estimator, why_not = self._estimator(key, reference, signature)
            notes += [why_not] if why_not else []
        known = (reference, signature)
        return compare_window(rows, labels, known, settings, tuple(notes), estimator=estimator, circumstances=around)

    def _earlier(
        self, endpoint: str, monitor: str, version: ModelVersionRecord
    ) -> list[tuple[datetime, Mapping[str, float]]]:
        """Of the same monitor: metrics of an hour's window waver more than those of a day's."""
        reports = self._stores.monitors.list_reports(endpoint, monitor=monitor, limit=_MOST_EARLIER)
        served = (version.name, version.version)
        return [(each.window_end, each.performance) for each in reports if (each.model, each.version) == served]

    def _served(self, endpoint: str, monitor: str) -> ServedCounts | None:
        """What the running server counted since the monitor's last report; None when none runs."""
        record = self._stores.endpoints.find(endpoint)
        now = self._counters(record.url) if self._counters and record and record.url else None
        if now is None:
            return None
        for report in self._stores.monitors.list_reports(endpoint, monitor=monitor, limit=_MOST_UNSERVED):
            try:
                known = self.read_document(report)
            except NotFoundError:
                continue
            if (known.get("operations") or {}).get("served"):  # reports of closed windows have none
                return counted_since(known, now)
        return counted_since({}, now)

    def _estimator(
        self, key: Digest | None, reference: Reference, signature: Signature
    ) -> tuple[WindowEstimator | None, str]:
        if key is None:  # a reference that was handed in
            return window_estimator(reference, signature)
        if key not in self._estimators:
            while len(self._estimators) >= _MOST_VERSIONS:
                del self._estimators[next(iter(self._estimators))]
            self._estimators[key] = window_estimator(reference, signature)
        return self._estimators[key]

    def keep(self, view: MonitorView) -> MonitorReportRecord:
        """Write what was found in a past window: the report and an audit entry. No alert is raised or ended by it.

        Args:
            view: What `view` gave, the moment at which its report stands among others put right.
        """
        report = replace(view.report, document=self._stores.artifacts.put(canonical_json(view.document)))
        window = {"from": report.window_start.isoformat(), "to": report.window_end.isoformat()}
        with self._stores.transactions.transaction():
            self._append(report, "monitor.backfill", window | _summary(report))
        return report

    def _append(self, report: MonitorReportRecord, action: str, details: Mapping[str, Any]) -> None:
        self._stores.monitors.append_report(report)
        self._stores.audit.append(
            at=self._clock.now(),
            actor=self._actor,
            action=action,
            subject=f"endpoint:{report.endpoint}",
            details=dict(details),
        )

    def _write(self, view: MonitorView, declared: Mapping[str, Any] | None) -> MonitorReportRecord:
        report = replace(view.report, document=self._stores.artifacts.put(canonical_json(view.document)))
        with self._stores.transactions.transaction():
            data = _summary(report)
            self._append(report, "monitor.check", data | ({} if declared is None else {"monitor": dict(declared)}))
            if view.watch is not None:
                self._stores.monitors.put_watch(view.watch)
            data["monitor"] = report.monitor
            event = Event(type="monitor.checked", subject=report.endpoint, at=report.created_at, data=data)
            self._stores.transactions.after_commit(lambda: self._events.emit(event))
            # The alias moved while this compared: a retraining has dealt with what was found, and ended its alerts.
            now = _answering(self._stores, self._registry, report.endpoint)
            if view.answering is None or view.answering == now:
                follows = view.answering is not None
                self._desk.observe(view.findings, report=report, judged=view.judged, follows=follows)
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


def _answering(stores: Stores, registry: VersionResolver, endpoint: str) -> tuple[int | None, int | None] | None:
    """The version that is served, and the one that the endpoint follows: a server takes a moment to swap."""
    record = stores.endpoints.find(endpoint)
    if record is None:
        return None
    try:
        followed = registry.resolve(f"{record.model}@{record.selector}").version
    except NotFoundError:  # the alias is gone
        followed = None
    return record.serving_version, followed


def _notes(rows: WindowRows, version: ModelVersionRecord, min_rows: int) -> list[str]:
    """What is missing in a window, and why."""
    notes = [f"Left out: {counted(count, 'row')} answered by {ref}." for ref, count in rows.left_out.items()]
    if not len(rows) and rows.left_out:  # the alias moved: nothing is wrong with an empty window
        notes.append(f"{version.ref} answers now, and was not asked in this window: it is judged once it was.")
    elif len(rows) < min_rows:
        needed = counted(min_rows, "row")
        notes.append(f"Too few to decide about drift: {len(rows):,} of the {needed} that it takes.")
    return notes


def _stream(version: ModelVersionRecord, settings: MonitorSettings, declared: Mapping[str, Any] | None) -> str:
    """Which checks watch the same errors in the same way; another version, declaration or detector begins anew."""
    concept = settings.insight.concept
    how = {"detector": concept.detector, "parameters": dict(concept.parameters), "declared": dict(declared or {})}
    return f"{version.ref} {digest_json(how)[:16]}"


def _left(endpoint: str, stream: str, comparison: Comparison, now: datetime) -> WatchRecord | None:
    data = comparison.insights.watch
    return WatchRecord(endpoint=endpoint, name=stream, data=data, updated_at=now) if stream and data else None


def _report(
    endpoint: str, rows: WindowRows, version: ModelVersionRecord, comparison: Comparison, now: datetime, monitor: str
) -> MonitorReportRecord:
    performance = comparison.performance
    return MonitorReportRecord(
        id=ReportId(new_id(int(now.timestamp() * 1000))),
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
        monitor=monitor,
    )


def _summary(report: MonitorReportRecord) -> dict[str, Any]:
    return {
        "report_id": report.id,
        "endpoint": report.endpoint,
        "model": f"{report.model}@{report.version}",
        "rows": report.rows,
        "labelled_rows": report.labelled_rows,
        "drifted": [record.column for record in report.drift if record.drifted],
    }
