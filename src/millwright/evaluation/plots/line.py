"""Lines of one or several classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.theme import label, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.report import Curve

_DASHES = ("solid", "dot", "dashdot", "longdash", "dash", "longdashdot")  # told apart without colour too


def class_lines(curves: Sequence[Curve], *, x: str, y: str, markers: bool = False) -> list[dict[str, Any]]:
    """One trace per curve.

    Args:
        curves: Each with the class as its label.
        x: What the horizontal values are, for hovering.
        y: What the vertical ones are.
        markers: Whether the points themselves are shown.
    """
    traces = []
    for curve, dash in zip(curves, _DASHES, strict=False):
        rows = [f"<br>{weight:,} rows" for weight in curve.weight] or [""] * len(curve.x)
        values = f"{x} %{{x:.3f}}<br>{y} %{{y:.3f}}"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if markers else "lines",
                "name": label(curve.label),
                "x": list(curve.x),
                "y": list(curve.y),
                "customdata": rows,
                "line": {"width": 2.5, "dash": dash},
                "marker": {"size": 8},
                "hovertemplate": f"{plain(curve.label)}<br>{values}%{{customdata}}<extra></extra>",
            }
        )
    return traces
