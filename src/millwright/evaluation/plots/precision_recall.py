"""What finding more of the positives costs in precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.line import class_lines
from millwright.evaluation.plots.theme import figure, reference_line
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Curve


def precision_recall_figure(
    curves: Sequence[Curve], average_precision: float | None = None, positives: float | None = None
) -> Figure:
    """Precision over recall, with the share of positives as the line of guessing.

    Args:
        curves: One line for two classes, else one per class.
        average_precision: For the subtitle.
        positives: Share of the positive class among the test rows, 0 to 1; None: no line of guessing.
    """
    guessing = [reference_line([0, 1], [positives, positives], "guessing")] if positives is not None else []
    area = f"Average precision {number(average_precision)}; " if average_precision is not None else ""
    return figure(
        "Precision and recall",
        [*class_lines(curves, x="recall", y="precision"), *guessing],
        subtitle=f"{area}the closer to the upper right corner, the better.",
        x={"title": "Recall", "range": [-0.01, 1.01]},
        y={"title": "Precision", "range": [-0.01, 1.02]},
    )
