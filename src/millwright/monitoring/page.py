"""A report as sections of a page (`evaluation.page.html_report`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.drift import drift_figure
from millwright.evaluation.plots.theme import BLUE, ORANGE, bars_height, figure, labels, plain
from millwright.evaluation.wording import counted, number, percent, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plotly.graph_objects import Figure

    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.evaluation.section import Cell, Section

_DISTRIBUTIONS = 6  # columns whose distribution is drawn, the most drifted first


def report_sections(report: MonitorReportRecord, document: Mapping[str, Any]) -> tuple[Section, ...]:
    """The sections of a report: result, drift, distributions, missing values, performance.

    Args:
        report: The report.
        document: Its full JSON (`Monitor.read_document`).

    Returns:
        Sections that have something to show; the first is always there.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    sections = [_result(report, document)]
    if report.drift:
        sections += [_drift(report), _distributions(document)]
    if any(share["risen"] for share in document["missing"]):
        sections.append(_missing(document))
    if report.performance:
        sections.append(_performance(document))
    return tuple(sections)


def distribution_figure(column: Mapping[str, Any]) -> Figure:
    """Bars of the share of rows per cell, the reference beside the current window.

    Args:
        column: One entry of a report document's `drift`.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    cells = column["cells"]
    used = [index for index, pair in enumerate(zip(cells["reference"], cells["current"], strict=True)) if sum(pair) > 0]
    names = labels([cells["labels"][index] for index in used], 18)
    traces = []
    for side, colour in (("reference", BLUE), ("current", ORANGE)):
        total = max(1, sum(cells[side]))
        shares = [cells[side][index] / total for index in used]
        hover = [
            f"{plain(cells['labels'][index])}<br>{side}: {cells[side][index]:,} rows, {percent(share)}"
            for index, share in zip(used, shares, strict=True)
        ]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": side,
                "x": shares,
                "y": names,
                "marker": {"color": colour},
                "hovertext": hover,
                "hoverinfo": "text",
            }
        )
    score = column["scores"].get(column["statistic"])
    said = f"{column['statistic']} {number(score)}, limit {number(column['threshold'])}" if score is not None else ""
    height = bars_height(names) + 16 * len(names) + 40
    return figure(
        plain(column["column"]),
        traces,
        subtitle=plain(said),
        x={"title": "Share of rows", "tickformat": ".0%", "rangemode": "tozero"},
        y={"type": "category", "autorange": "reversed", "showgrid": False},
        layout={"barmode": "group", "height": height, "legend": {"y": -70 / height}, "showlegend": True},
    )


def _result(report: MonitorReportRecord, document: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Badge, Section, Tone

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


def _drift(report: MonitorReportRecord) -> Section:
    from millwright.evaluation.section import Badge, Section, Table, Tone

    shown = drift_figure([record for record in report.drift if record.statistic in record.scores])
    ranked = sorted(report.drift, key=lambda r: -r.scores.get(r.statistic, 0.0) / r.threshold)
    rows: list[list[Cell]] = [
        [
            Badge("drifted", Tone.WARN) if record.drifted else Badge("same", Tone.NEUTRAL),
            record.column,
            record.kind,
            record.statistic,
            record.scores.get(record.statistic),
            record.threshold,
            record.p_value,
        ]
        for record in ranked
    ]
    table = Table(headers=["Result", "Column", "Kind", "Statistic", "Score", "Limit", "p-value"], rows=rows)
    text = "A column has drifted when its score is above the limit and the two-sample test agrees."
    return Section(title="Drift", text=[text], figures=[shown] if shown else [], tables=[table])


def _distributions(document: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Section

    def excess(column: Mapping[str, Any]) -> float:
        return float(column["scores"].get(column["statistic"], 0.0)) / float(column["threshold"])

    ranked: Sequence[Mapping[str, Any]] = sorted(document["drift"], key=excess, reverse=True)
    figures = [distribution_figure(column) for column in ranked[:_DISTRIBUTIONS]]
    text = f"The {counted(len(figures), 'column')} that moved most, the training reference beside the current window."
    return Section(title="Distributions", text=[text], figures=figures)


def _missing(document: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Section, Table

    risen = [share for share in document["missing"] if share["risen"]]
    rows: list[list[Cell]] = [[s["column"], percent(s["reference"]), percent(s["current"])] for s in risen]
    table = Table(headers=["Column", "Missing in the reference", "Missing now"], rows=rows)
    return Section(title="Missing values", tables=[table])


def _performance(document: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Section, Table

    found = document["performance"]
    rows: list[list[Cell]] = []
    for name, value in found["metrics"].items():
        interval = found["intervals"].get(name)
        shown = f"{number(interval[0])} to {number(interval[1])}" if interval else None
        rows.append([title(name), value, shown, found["reference"].get(name)])
    coverage = percent(found["labelled_rows"] / max(1, document["rows"]))
    text = [f"{counted(found['labelled_rows'], 'row')} with a known label, {coverage} of the window."]
    if found["degraded"]:
        text.append(f"{title(found['metric'])} lost {number(-found['gain'])}, more than {number(found['limit'])}.")
    table = Table(headers=["Metric", "Now", "95 % interval", "At evaluation"], rows=rows)
    return Section(title="Performance", text=text, tables=[table])
