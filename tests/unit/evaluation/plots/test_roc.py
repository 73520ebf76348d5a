from __future__ import annotations

from millwright.evaluation.plots.roc import roc_figure
from millwright.evaluation.report import Curve


def test_roc_shows_the_line_the_diagonal_and_the_area():
    made = roc_figure([Curve(label="yes", x=(0.0, 0.2, 1.0), y=(0.0, 0.8, 1.0))], 0.8)

    line, diagonal = made.data
    assert list(line.y) == [0.0, 0.8, 1.0]
    assert diagonal.name == "guessing"
    assert made.layout.title.subtitle.text.startswith("ROC AUC 0.800")
    assert made.layout.xaxis.title.text == "False positive rate"
    assert made.layout.yaxis.title.text == "True positive rate"
