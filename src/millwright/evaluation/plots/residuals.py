"""How far predicted values are off, and to which side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.theme import figure, label

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Curve


def residuals_figure(histogram: Curve, target: str) -> Figure:
    """A histogram of prediction minus truth.

    Args:
        histogram: Bin centres and rows.
        target: Name of the target column.
    """
    trace = {
        "type": "bar",
        "x": list(histogram.x),
        "y": list(histogram.y),
        "hovertemplate": "around %{x:.4g}<br>%{y:,} rows<extra></extra>",
    }
    return figure(
        "Errors",
        [trace],
        subtitle="Right of 0: predicted too high.",
        x={"title": f"Predicted minus true {label(target, 40)}"},
        y={"title": "Test rows"},
        layout={"bargap": 0.04, "showlegend": False},
    )
