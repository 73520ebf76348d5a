"""A monitoring report on the terminal: drift of each column, and what else was found, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.cli.monitor_insight import print_insights
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.cli.console import Output
    from millwright.core.records.monitor import DriftRecord, MonitorReportRecord
    from millwright.workspace.workspace import Workspace

_MOST = 10  # lines of a section
_LEAST_S = 60  # what came in less says nothing about an hour
_MOST_REFUSED = 5  # kinds of refused values
_TENSOR = "tensor"
_TENSOR_SCORES = {"mean_shift": "mean shift", "cosine": "cosine", "mmd": "MMD", "domain_auc": "domain AUC"}
# How a test is called where there is little room.
TESTS = {"kolmogorov_smirnov": "KS", "chi_square": "chi²", "mmd": "MMD"}


def print_report(out: Output, report: MonitorReportRecord) -> None:
    """What was looked at, and a table of columns by drift."""
    from millwright.evaluation.wording import counted

    if not report.rows:
        out.line(f"No prediction of {report.model}@{report.version} lies in the window.")
        out.line(f"What was predicted when: mw predictions {report.endpoint}")
        return
    drifted = sum(column.drifted for column in report.drift)
    made = f"{counted(report.rows, 'prediction')} of {report.model}@{report.version}"
    out.line(f"{made}, {report.labelled_rows:,} with labels; {drifted} of {len(report.drift)} columns drifted.")
    by_score = sorted(report.drift, key=lambda column: -column.scores.get(column.statistic, 0.0))
    ranked = [column for column in by_score if column.kind != _TENSOR]
    _print_tensors(out, [column for column in by_score if column.kind == _TENSOR])
    if not ranked:
        return
    headers, values = p_values(ranked)
    rows = [
        [c.column, c.kind, c.scores.get("psi"), c.scores.get("jensen_shannon"),
         TESTS.get(c.test), c.scores.get(c.test), *found, c.drifted]
        for c, found in zip(ranked, values, strict=True)
    ]  # fmt: skip
    out.table(["column", "kind", "PSI", "Jensen-Shannon", "test", "its value", *headers, "drifted"], rows)


def _print_tensors(out: Output, records: Sequence[DriftRecord]) -> None:
    """Tensors have distances of their own: those of columns compare single values, cell by cell."""
    if not records:
        return
    rows = [
        [r.column, *(r.scores.get(name) for name in _TENSOR_SCORES), r.statistic.replace("_", " "), r.threshold,
         r.p_value, r.drifted]
        for r in records
    ]  # fmt: skip
    out.table(["tensor", *_TENSOR_SCORES.values(), "decides", "limit", "p of MMD", "drifted"], rows)


def p_values(records: Sequence[DriftRecord]) -> tuple[list[str], list[list[float | None]]]:
    """Headers and cells of the tests' p-values: that of missing values is shown where one of the columns has one."""
    if all(record.missing_p_value is None for record in records):
        return ["p-value"], [[record.p_value] for record in records]
    return ["p-value", "p of missing"], [[record.p_value, record.missing_p_value] for record in records]


def print_whole(out: Output, report: MonitorReportRecord, document: Mapping[str, Any]) -> None:
    """A report with all that its document tells, notes last."""
    print_report(out, report)
    print_sections(out, document)
    for note in document["notes"]:
        out.warn(note)


def write_page(
    out: Output, path: str, workspace: Workspace, found: tuple[MonitorReportRecord, Mapping[str, Any]]
) -> None:
    """Write a report with its document as a page, with the course of the monitor's or endpoint's reports; say where."""
    from millwright.cli.file import write_file
    from millwright.workspace.report import document_page, past_reports

    report, document = found
    past = past_reports(workspace, report.endpoint, report.monitor)
    write_file(path, document_page(report, document, past).encode())
    out.line(f"Report: {path}")


def print_sections(out: Output, document: Mapping[str, Any]) -> None:
    """What else was found, in short: performance, estimates, slices, data quality, bias, operation."""
    _print_performance(out, document)
    _print_estimate(out, document)
    _print_slices(out, document)
    _print_quality(out, document)
    _print_bias(out, document)
    _print_operations(out, document)
    print_insights(out, document)


def _print_performance(out: Output, document: Mapping[str, Any]) -> None:
    known = document.get("performance") or {}
    if known.get("metrics"):
        out.line(f"What {known['labelled_rows']:,} labels show ({document['coverage']:.0%} of the window):")
        out.table(["metric", "reference", "now", "from", "to"], _metric_rows(known, known["reference"]))


def _metric_rows(known: Mapping[str, Any], reference: Mapping[str, float]) -> list[list[Any]]:
    """One row per metric with its interval, in the order in which evaluation tells them."""
    from millwright.evaluation.metrics.catalog import all_metrics

    order = {name: place for place, name in enumerate(all_metrics())}
    intervals = known.get("intervals") or {}
    return [
        [name, reference.get(name), known["metrics"][name], *(intervals.get(name) or (None, None))]
        for name in sorted(known["metrics"], key=lambda name: order.get(name, len(order)))
    ]


def _print_estimate(out: Output, document: Mapping[str, Any]) -> None:
    estimated = document.get("estimated")
    if not estimated:
        return
    rows = _metric_rows(estimated, (document["performance"] or {}).get("reference", {}))
    out.line(f"What labels are expected to show ({estimated['method']}):")
    out.table(["metric", "reference", "expected", "from", "to"], rows)


def _print_slices(out: Output, document: Mapping[str, Any]) -> None:
    judged = [part for part in document.get("slices", ()) if part["gain"] is not None]
    if not judged:
        return
    judged.sort(key=lambda part: part["gain"])
    rows = [
        [f"{part['column']} = {part['value']}", part["labelled_rows"], f"{part['coverage']:.0%}", part["reference"],
         part["current"], *part["interval"], part["lost"]]
        for part in judged[:_MOST]
    ]  # fmt: skip
    out.line(f"{judged[0]['metric']} of {len(judged)} slices, the worst change first:")
    out.table(["slice", "labelled", "coverage", "reference", "now", "from", "to", "lost"], rows)


def _print_quality(out: Output, document: Mapping[str, Any]) -> None:
    from millwright.evaluation.wording import counted

    checks = document.get("quality", ())
    broken = [measure for each in checks if each["judged"] for measure in each["measures"] if measure["broken"]]
    missing = [share for share in document.get("missing", ()) if share["risen"]]
    told = [f"{share['column']}: {share['reference']:.0%} → {share['current']:.0%} missing" for share in missing]
    told += [measure["message"] for measure in broken]
    if checks:
        open_ones = [*([] if document.get("missing") else ["missing_data"])]
        open_ones += [each["check"] for each in checks if not each["judged"]]
        judged = f"{len(checks) + 1 - len(open_ones)} of {len(checks) + 1} checks judged"
        judged += f" (not {', '.join(open_ones)})" if open_ones else ""
        out.line(f"Data quality: {judged}, {counted(len(told), 'thing')} found.")
        out.items(told[:_MOST])


def _print_bias(out: Output, document: Mapping[str, Any]) -> None:
    rows = [
        [bias["column"], gap["measure"], gap["reference"], gap["gap"], gap["growth"], *gap["interval"], gap["grown"]]
        for bias in document.get("bias", ())
        for gap in bias["gaps"]
    ]
    if rows:
        out.line("Gaps between groups:")
        out.table(["groups", "measure", "reference", "now", "growth", "from", "to", "grown"], rows)


def _print_operations(out: Output, document: Mapping[str, Any]) -> None:
    from millwright.evaluation.wording import counted
    from millwright.monitoring.operations import RefusedValues

    found = document.get("operations")
    if not found or not (found["latency_ms"] or found.get("served")):
        return
    parts = [counted(found["requests"], "request") + " answered"]
    if found["seconds"] >= _LEAST_S:
        parts.append(f"{found['rows_per_hour']:,.0f} rows an hour")
    if found["latency_ms"]:
        parts.append(", ".join(f"{name} {found['latency_ms'][name]:.3g}" for name in ("p50", "p95", "p99")) + " ms")
    if found["cost_per_prediction"] is not None:
        parts.append(f"{1000 * found['cost_per_prediction']:.4g} {found['currency']} per 1,000 predictions")
    out.line(f"Operation: {', '.join(parts)}.")
    served = found.get("served")
    if served:
        count = max(1, served["requests"])
        said = [
            f"{served[name]:,} {word} ({served[name] / count:.2%})"
            for name, word in (("errors", "failed"), ("refused", "refused for what they asked"))
        ]
        out.line(f"The server counted {counted(served['requests'], 'request')}: {', '.join(said)}.")
        values = [RefusedValues(**each) for each in served.get("refused_values", ())]
        if values:
            out.line(f"Refused for: {'; '.join(each.text for each in values[:_MOST_REFUSED])}.")


def read_moment(text: str, option: str) -> datetime | None:
    """A date or time of an option, in this machine's zone when it names none; None for an empty text.

    Raises:
        InvalidInputError: It is neither.
    """
    from datetime import datetime

    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise InvalidInputError(
            f"{option}: expected a date or time, found '{text}'.", hint="Write 2026-11-30 or 2026-11-30T02:00."
        ) from error
