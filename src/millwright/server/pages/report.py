"""One monitoring report: what drifted, and how well the model still does; and the same as a page that can be kept."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from litestar import Response, get
from litestar.response import Template

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.ids import ReportId
from millwright.evaluation.wording import counted, number, percent, title
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.distribution import distributions
from millwright.server.pages.element import Badge, Bar, Link, Page, Section, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import route, version_link
from millwright.server.security import DOCUMENT_POLICY

if TYPE_CHECKING:
    from millwright.core.records.monitor import DriftRecord, MonitorReportRecord
    from millwright.server.pages.element import Cell
    from millwright.server.service import Services


@get("/reports/{report_id:str}", sync_to_thread=True, include_in_schema=False)
def show_report(services: FromApp, report_id: Name) -> Template:
    """Show a report: window, findings, drift of each column, distributions, performance, slices."""
    report = services.stores.monitors.get_report(ReportId(report_id))
    document = _document(services, report)
    link = [("With charts", Link("Full report", route("reports", report_id, "page")))] if document else []
    sections = [
        Section(title="Result", text=_findings(document), facts=[*_facts(report), *link]),
        Section(title="Drift", text=[_RULE], tables=[drift_table(report)]),
        *_distributions(document),
        Section(title="Performance", tables=[_performance(report)]),
        *slice_sections(document),
    ]
    return show(
        Page(
            title=f"Report of {report.created_at:%Y-%m-%d %H:%M}",
            place="/monitoring",
            subtitle=f"Endpoint {report.endpoint}, answered by {report.model}@{report.version}",
            trail=[Link("Monitoring", "/monitoring"), Link(report.endpoint, route("endpoints", report.endpoint))],
            sections=sections,
        )
    )


@get(
    "/reports/{report_id:str}/page", media_type="application/octet-stream", sync_to_thread=True, include_in_schema=False
)
def show_report_page(services: FromApp, report_id: Name) -> Response[bytes]:
    """Show a report as the one file that `mw monitor report --html` writes, in an origin of its own."""
    from millwright.workspace.report import document_page, past_reports

    report = services.stores.monitors.get_report(ReportId(report_id))
    document = _document(services, report)
    if not document:
        raise NotFoundError(
            f"Nothing but the scores of columns is kept of the report {report_id}.",
            hint=f"They stand at {route('reports', report_id)}.",
        )
    page = document_page(report, document, past_reports(services, report.endpoint, report.monitor))
    headers = {"content-security-policy": DOCUMENT_POLICY}
    return Response(page.encode(), media_type="text/html", headers=headers)


_MOST_SLICES = 30
_RULE = "A column has drifted when its score is above the limit and the two-sample test agrees."


def drift_table(report: MonitorReportRecord) -> Table:
    """Columns, the most drifted first; a bar is full at twice the limit."""
    ranked = sorted(report.drift, key=_excess, reverse=True)
    lacking = any(record.missing_p_value is not None for record in report.drift)
    rows: list[list[Cell]] = [
        [
            Badge("drifted", Tone.WARN) if record.drifted else Badge("same"),
            record.column,
            record.kind,
            record.statistic.replace("_", " "),
            _score(record),
            record.threshold,
            record.test.replace("_", " ") or None,
            record.p_value,
            *([record.missing_p_value] if lacking else []),
        ]
        for record in ranked
    ]
    headers = ["Result", "Column", "Kind", "Statistic", "Score", "Limit", "Test", "p-value"]
    headers += ["p of missing"] if lacking else []
    return Table(headers=headers, rows=rows, empty="There was nothing to compare.")


def _excess(record: DriftRecord) -> float:
    return record.scores.get(record.statistic, 0.0) / (record.threshold or 1.0)


def _score(record: DriftRecord) -> Cell:
    score = record.scores.get(record.statistic)
    if score is None:
        return None
    tone = Tone.WARN if record.drifted else Tone.NEUTRAL
    return Bar(min(max(_excess(record) / 2, 0.0), 1.0), number(score), tone)


def _document(services: Services, report: MonitorReportRecord) -> dict[str, Any]:
    """The full report; the page does without when it was removed."""
    if report.document is not None:
        with suppress(MillwrightError):
            return services.monitor.read_document(report)
    return {}


def _findings(document: dict[str, Any]) -> list[str]:
    if not document:  # removed, or made of summaries alone: of a past range
        return ["Nothing but the scores of columns is kept of this report."]
    found = [str(finding.get("message", "")) for finding in document.get("findings", ())]
    return [*(found or ["Nothing was found."]), *(str(note) for note in document.get("notes", ()))]


def _facts(report: MonitorReportRecord) -> list[tuple[str, Cell]]:
    drifted = sum(record.drifted for record in report.drift)
    return [
        ("From", report.window_start),
        ("To", report.window_end),
        ("Predictions", report.rows),
        ("With labels", report.labelled_rows),
        ("Drifted columns", f"{drifted} of {len(report.drift)}"),
        *([("Declared monitor", report.monitor)] if report.monitor else []),
        ("Model", version_link(f"{report.model}@{report.version}")),
    ]


def _distributions(document: dict[str, Any]) -> list[Section]:
    shown = distributions(document)
    if shown is None:
        return []
    text = (
        f"The {counted(len(shown.columns), 'column')} that moved most: the training reference above (blue), "
        "this window below it (orange)."
    )
    return [Section(title="Distributions", text=[text], parts=[shown])]


def slice_sections(document: dict[str, Any]) -> list[Section]:
    """The deciding metric in parts of the window, lost ones first; none without parts that have enough labels."""
    known = [part for part in document.get("slices") or () if part["current"] is not None]
    if not known:
        return []
    ranked = sorted(known, key=lambda part: (not part["lost"], part["gain"] if part["gain"] is not None else 0.0))
    rows: list[list[Cell]] = [
        [
            Badge("lost", Tone.BAD) if part["lost"] else Badge("held"),
            f"{part['column']} = {part['value']}",
            part["labelled_rows"],
            percent(part["coverage"]),
            part["current"],
            f"{number(part['interval'][0])} to {number(part['interval'][1])}" if part["interval"] else None,
            part["reference"],
        ]
        for part in ranked[:_MOST_SLICES]
    ]
    text = f"{title(known[0]['metric'])} of {counted(len(known), 'slice')} with enough labels."
    headers = ["Result", "Slice", "Labelled rows", "Coverage", "In this window", "95 % interval", "At evaluation"]
    return [Section(title="Slices", text=[text], tables=[Table(headers=headers, rows=rows)])]


def _performance(report: MonitorReportRecord) -> Table:
    rows: list[list[Cell]] = [
        [title(name), value, report.reference_performance.get(name)] for name, value in report.performance.items()
    ]
    empty = "No labels have come back for this window, so that its performance is not known."
    return Table(headers=["Metric", "In this window", "At evaluation"], rows=rows, empty=empty)
