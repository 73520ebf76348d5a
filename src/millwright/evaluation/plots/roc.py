"""How well scores tell the classes apart, at every threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.line import class_lines
from millwright.evaluation.plots.theme import figure, reference_line
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Curve


def roc_figure(curves: Sequence[Curve], auc: float | None = None) -> Figure:
    """True positive rate over false positive rate, with the diagonal of guessing.

    Args:
        curves: One line for two classes, else one per class.
        auc: The area under the line, for the subtitle.
    """
    area = f"ROC AUC {number(auc)}; " if auc is not None else ""
    return figure(
        "ROC curve",
        [*class_lines(curves, x="false positives", y="true positives"), reference_line([0, 1], [0, 1], "guessing")],
        subtitle=f"{area}the closer to the upper left corner, the better.",
        x={"title": "False positive rate", "range": [-0.01, 1.01]},
        y={"title": "True positive rate", "range": [-0.01, 1.02]},
    )
