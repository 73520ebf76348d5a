from __future__ import annotations

from millwright.evaluation.plots.predicted_actual import predicted_actual_figure
from millwright.evaluation.report import Curve


def test_predicted_actual_shows_points_and_the_diagonal_over_their_range():
    made = predicted_actual_figure(Curve(label="", x=(1.0, 5.0), y=(0.0, 4.0)), "cost", 0.9)

    points, diagonal = made.data
    assert list(points.x) == [1.0, 5.0]
    assert list(diagonal.x) == [0.0, 5.0]
    assert "R² 0.900" in made.layout.title.subtitle.text
