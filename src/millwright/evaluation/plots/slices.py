"""Where the model is good, and where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.metrics.catalog import MAIN_METRIC
from millwright.evaluation.plots.theme import SLATE, bars_height, figure, labels, plain
from millwright.evaluation.wording import number, title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from millwright.evaluation.report import EvaluationReport, SliceResult

_MAX_SLICES = 40
_MIN_SHARE = 0.7  # of the slices must have the main metric; else accuracy is shown, which all have
_MARKERS = ("circle", "diamond", "square", "triangle-up", "pentagon", "star")


def slices_figure(report: EvaluationReport, metric: str | None = None) -> Figure | None:
    """One point per slice, by column, with the metric of all test rows as a line; at most 40 slices.

    Args:
        report: With slices.
        metric: Which one; None: the task's main one if most slices have it, else accuracy.

    Returns:
        None when no slice has the metric.
    """
    name = metric or _chosen_metric(report)
    parts = [part for part in report.slices if name in part.metrics][:_MAX_SLICES]
    if not parts:
        return None
    names = labels([f"{part.value} ({part.rows:,})" for part in parts])
    traces = []
    for number_of, column in enumerate(dict.fromkeys(part.column for part in parts)):
        mine = [(part, shown) for part, shown in zip(parts, names, strict=True) if part.column == column]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": labels([column])[0],
                "x": [part.metrics[name] for part, _ in mine],
                "y": [shown for _, shown in mine],
                "marker": {"size": 11, "symbol": _MARKERS[number_of % len(_MARKERS)]},
                "hovertext": [_hover(part, name) for part, _ in mine],
                "hoverinfo": "text",
            }
        )
    overall = report.metrics.get(name)
    line = {"type": "line", "x0": overall, "x1": overall, "y0": 0, "y1": 1, "yref": "paper"}
    dashed = {**line, "line": {"color": SLATE, "width": 1.5, "dash": "dash"}, "layer": "below"}
    note = f" Dashed: {number(overall)} on all test rows." if overall is not None else ""
    return figure(
        f"{title(name)} per slice",
        traces,
        subtitle=f"In brackets: the slice's test rows.{note}",
        x={"title": title(name)},
        y={"categoryorder": "array", "categoryarray": names[::-1], "type": "category"},
        layout={
            "height": bars_height(names, least=300) + 30,
            "shapes": [dashed] if overall is not None else [],
            "showlegend": True,
            "legend": {"y": -70 / bars_height(names, least=300)},
        },
    )


def _chosen_metric(report: EvaluationReport) -> str:
    main = MAIN_METRIC[report.task]
    having = sum(main in part.metrics for part in report.slices)
    return main if having >= _MIN_SHARE * len(report.slices) else "accuracy"


def _hover(part: SliceResult, metric: str) -> str:
    value = number(part.metrics[metric])
    return f"{plain(part.column)} = {plain(part.value)}<br>{part.rows:,} rows<br>{title(metric)} {value}"
