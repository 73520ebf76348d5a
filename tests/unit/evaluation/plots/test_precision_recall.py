from __future__ import annotations

from millwright.evaluation.plots.precision_recall import precision_recall_figure
from millwright.evaluation.report import Curve

LINE = Curve(label="yes", x=(0.0, 1.0), y=(1.0, 0.4))


def test_precision_recall_shows_the_share_of_positives_as_guessing():
    made = precision_recall_figure([LINE], 0.7, 0.4)

    assert list(made.data[1].y) == [0.4, 0.4]
    assert made.layout.title.subtitle.text.startswith("Average precision 0.700")


def test_precision_recall_has_no_line_of_guessing_when_the_share_is_not_one_number():
    assert len(precision_recall_figure([LINE]).data) == 1
