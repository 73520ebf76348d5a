"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.theme import SEQUENTIAL, figure, label, labels
from millwright.evaluation.wording import percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Confusion

# With more classes than this the numbers would not fit into the cells.
_MAX_SHARES = 5
_MAX_COUNTS = 12


def confusion_figure(confusion: Confusion, target: str) -> Figure:
    """A heat map: true class down, predicted class across, coloured by share of the true class.

    Args:
        confusion: k classes.
        target: Name of the target column.
    """
    names = labels(confusion.labels, 14)
    totals = [max(1, sum(row)) for row in confusion.matrix]
    shares = [[count / total for count in row] for row, total in zip(confusion.matrix, totals, strict=True)]
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": shares,
        "zmin": 0,
        "zmax": 1,
        "text": _texts(confusion, shares),
        "texttemplate": "%{text}" if len(names) <= _MAX_COUNTS else "",
        "textfont": {"size": 14 if len(names) <= 4 else 11},
        "hovertemplate": "true %{y}<br>predicted %{x}<br>%{text}<br>%{z:.1%} of the class<extra></extra>",
        "colorscale": SEQUENTIAL,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
    }
    return figure(
        "Confusion matrix",
        [trace],
        subtitle="Test rows, and their share of the true class.",
        x={"title": f"Predicted {label(target, 40)}", "type": "category", "showgrid": False},
        y={"title": f"True {label(target, 40)}", "type": "category", "autorange": "reversed", "showgrid": False},
        layout={"height": min(900, max(400, 170 + 46 * len(names)))},
    )


def _texts(confusion: Confusion, shares: list[list[float]]) -> list[list[str]]:
    if len(confusion.labels) > _MAX_SHARES:
        return [[f"{count:,}" for count in row] for row in confusion.matrix]
    return [
        [f"{count:,}<br>{percent(share)}" for count, share in zip(row, row_shares, strict=True)]
        for row, row_shares in zip(confusion.matrix, shares, strict=True)
    ]
