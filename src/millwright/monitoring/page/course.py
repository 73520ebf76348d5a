"""Drift, performance and operations over the reports so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.theme import figure, label, plain
from millwright.evaluation.plots.timeline import TimePoint, timeline_figure
from millwright.evaluation.section import Section
from millwright.evaluation.wording import counted, number
from millwright.monitoring.page.operations import operations_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from millwright.monitoring.page.past_report import PastReport

_LINES = 6  # columns that are drawn, those that went furthest beyond their limit
_REALISED, _EXPECTED = "on labels", "expected"


def course_section(past: Sequence[PastReport]) -> Section | None:
    """How drift, the deciding metric and operations went; None with fewer than two reports.

    Args:
        past: Reports of one endpoint in any order, the present one among them.
    """
    ordered = sorted(past, key=lambda each: each.report.window_end)
    if len(ordered) < 2:
        return None
    drawn = (_drift(ordered), _performance(ordered), *operations_figures(ordered))
    figures = [shown for shown in drawn if shown is not None]
    if not figures:
        return None
    return Section(
        title="Over time", text=[f"{counted(len(ordered), 'report')}, each at its window's end."], figures=figures
    )


def _drift(ordered: Sequence[PastReport]) -> Figure | None:
    """Scores in units of their limits, so that columns can stand side by side."""
    lines: dict[str, list[tuple[Any, float, str]]] = {}
    for each in ordered:
        for drift in each.report.drift:
            score = drift.scores.get(drift.statistic)
            if score is not None:
                said = f"{drift.statistic} {number(score)}, limit {number(drift.threshold)}"
                lines.setdefault(drift.column, []).append((each.report.window_end, score / drift.threshold, said))
    ranked = sorted(lines, key=lambda name: -max(value for _, value, _ in lines[name]))[:_LINES]
    if not ranked:
        return None
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(name),
            "x": [at for at, _, _ in lines[name]],
            "y": [value for _, value, _ in lines[name]],
            "hovertext": [f"{plain(name)}<br>{plain(at)}<br>{plain(said)}" for at, _, said in lines[name]],
            "hoverinfo": "text",
        }
        for name in ranked
    ]
    limit = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1, "line": {"dash": "dot", "width": 1.5}}
    return figure(
        "Drift over time",
        traces,
        subtitle=f"Score relative to its limit, of {counted(len(ranked), 'column')} that went furthest. Dotted: limit.",
        x={"type": "date"},
        y={"title": "Score / limit", "rangemode": "tozero"},
        layout={"shapes": [limit], "showlegend": True},
    )


def _performance(ordered: Sequence[PastReport]) -> Figure | None:
    """The deciding metric on labels and as expected without them, with their intervals."""
    named = [(each.document.get("performance") or {}).get("metric") for each in ordered]
    metric = next((name for name in reversed(named) if name), None)
    if metric is None:
        return None
    series: dict[str, list[TimePoint]] = {_REALISED: [], _EXPECTED: []}
    for each in ordered:
        found = {_REALISED: each.document.get("performance"), _EXPECTED: each.document.get("estimated")}
        for name, values in found.items():
            value = ((values or {}).get("metrics") or {}).get(metric)
            if value is None:
                continue
            low, high = ((values or {}).get("intervals") or {}).get(metric) or (None, None)
            made = f"{each.report.model}@{each.report.version}"
            series[name].append(TimePoint(at=each.report.window_end, value=value, low=low, high=high, note=made))
    reference = ordered[-1].report.reference_performance.get(metric)
    return timeline_figure(series, metric, reference=reference)
