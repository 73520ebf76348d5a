"""The result of a report, and the other sections in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.section import Badge, Section, Tone
from millwright.monitoring.insight_page import insight_sections
from millwright.monitoring.page.bias import bias_section
from millwright.monitoring.page.course import course_section
from millwright.monitoring.page.drift import distributions_section, drift_section
from millwright.monitoring.page.operations import operations_section
from millwright.monitoring.page.past_report import PastReport
from millwright.monitoring.page.performance import (
    estimated_section,
    past_section,
    performance_section,
    slices_section,
)
from millwright.monitoring.page.quality import missing_section, quality_section
from millwright.monitoring.page.unseen import unseen_section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.evaluation.section import Cell


def report_sections(
    report: MonitorReportRecord, document: Mapping[str, Any], past: Sequence[PastReport] = ()
) -> tuple[Section, ...]:
    """The sections of a report: result, drift and its causes, data quality, performance, groups, operations, course.

    Args:
        report: The report.
        document: Its full JSON (`Monitor.read_document`).
        past: Earlier reports of the endpoint, in any order; this one may be among them.

    Returns:
        Sections that have something to show; the first is always there.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    sections: list[Section | None] = [_result(report, document)]
    if report.drift:
        sections += [drift_section(report, document), distributions_section(document), unseen_section(document)]
    if any(share["risen"] for share in document["missing"]):
        sections.append(missing_section(document))
    sections += [*insight_sections(document), quality_section(document)]
    if report.performance:
        sections.append(performance_section(document))
    sections.append(slices_section(document))
    if document.get("estimated"):
        sections.append(estimated_section(document))
    sections += [past_section(document), bias_section(document), operations_section(document)]
    others = [each for each in past if each.report.id != report.id]
    sections.append(course_section([*others, PastReport(report=report, document=document)]))
    return tuple(section for section in sections if section is not None)


def _result(report: MonitorReportRecord, document: Mapping[str, Any]) -> Section:
    drifted = sum(record.drifted for record in report.drift)
    findings = [str(finding["message"]) for finding in document["findings"]]
    state = Badge("look at it", Tone.WARN) if findings else Badge("nothing found", Tone.GOOD)
    if not findings and report.rows < document["settings"]["min_rows"]:
        state = Badge("too few rows", Tone.NEUTRAL)
    facts: list[tuple[str, Cell]] = [
        ("Verdict", state),
        ("Predictions", report.rows),
        ("With labels", report.labelled_rows),
        ("Drifted columns", f"{drifted} of {len(report.drift)}"),
    ]
    start, end = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (report.window_start, report.window_end))
    intro = f"Endpoint '{report.endpoint}', answered by {report.model}@{report.version}, from {start} to {end} UTC."
    return Section(title="Result", text=[intro, *findings, *document["notes"]], facts=facts)
