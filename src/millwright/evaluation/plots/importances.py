"""Which raw columns matter to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.theme import SLATE, bars_height, figure, labels, plain
from millwright.evaluation.wording import number, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Importance

_MAX_BARS = 20


def importances_figure(importances: Sequence[Importance], metric: str) -> Figure:
    """Bars of permutation importance with their spread over the repeats; at most 20, the most important on top.

    Args:
        importances: Most important first.
        metric: Name of the metric they are measured in.
    """
    shown = list(importances[:_MAX_BARS])[::-1]
    names = labels([one.column for one in shown])
    left_out = len(importances) - len(shown)
    note = f" The {left_out} least important columns are not shown." if left_out else ""
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [one.mean for one in shown],
        "y": names,
        "error_x": {"type": "data", "array": [one.std for one in shown], "color": SLATE, "thickness": 1.5, "width": 3},
        "hovertext": [f"{plain(one.column)}<br>{number(one.mean)} ± {number(one.std)}" for one in shown],
        "hoverinfo": "text",
    }
    return figure(
        "Which columns matter",
        [trace],
        subtitle=f"How much worse {title(metric)} gets when the column is shuffled.{note}",
        x={"title": f"Loss of {title(metric)}"},
        y={"showgrid": False},
        layout={"height": bars_height(names), "showlegend": False},
    )
