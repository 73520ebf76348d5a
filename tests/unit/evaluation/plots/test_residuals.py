from __future__ import annotations

from millwright.evaluation.plots.residuals import residuals_figure
from millwright.evaluation.report import Curve


def test_residuals_show_the_histogram_of_the_report():
    made = residuals_figure(Curve(label="", x=(-1.0, 1.0), y=(3.0, 5.0)), "cost")

    assert list(made.data[0].y) == [3.0, 5.0]
    assert made.layout.xaxis.title.text == "Predicted minus true cost"
