"""Whether probabilities mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.plots.line import class_lines
from millwright.evaluation.plots.theme import figure, reference_line
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from millwright.evaluation.report import Curve


def calibration_figure(curves: Sequence[Curve], brier: float | None = None) -> Figure:
    """Share of positives over mean predicted probability, in bins of equally many rows.

    Args:
        curves: One line for two classes, else one per class.
        brier: The Brier score, for the subtitle.
    """
    score = f"Brier score {number(brier)}; " if brier is not None else ""
    return figure(
        "Calibration",
        [
            *class_lines(curves, x="predicted", y="observed", markers=True),
            reference_line([0, 1], [0, 1], "perfect"),
        ],
        subtitle=f"{score}points above the dashed line: more happened than was predicted.",
        x={"title": "Mean predicted probability", "range": [-0.02, 1.02]},
        y={"title": "Observed share", "range": [-0.02, 1.04]},
    )
