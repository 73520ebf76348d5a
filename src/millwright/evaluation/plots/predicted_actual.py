"""Predicted values against the true ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.theme import figure, label, reference_line
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Curve


def predicted_actual_figure(points: Curve, target: str, r2: float | None = None) -> Figure:
    """A point per row, with the diagonal on which predictions are right.

    Args:
        points: True and predicted values of some test rows.
        target: Name of the target column.
        r2: For the subtitle.
    """
    values = (*points.x, *points.y)
    ends = [min(values), max(values)]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "test rows",
        "x": list(points.x),
        "y": list(points.y),
        "marker": {"size": 6, "opacity": 0.55},
        "hovertemplate": "true %{x:.4g}<br>predicted %{y:.4g}<extra></extra>",
    }
    share = f"R² {number(r2)}; on" if r2 is not None else "On"
    return figure(
        "Predicted and true values",
        [trace, reference_line(ends, ends, "right")],
        subtitle=f"{share} the dashed line predictions are right; {len(points.x):,} test rows shown.",
        x={"title": f"True {label(target, 40)}"},
        y={"title": f"Predicted {label(target, 40)}"},
    )
