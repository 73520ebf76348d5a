from __future__ import annotations

from millwright.evaluation.plots.calibration import calibration_figure
from millwright.evaluation.report import Curve


def test_calibration_shows_points_and_the_perfect_diagonal():
    made = calibration_figure([Curve(label="yes", x=(0.1, 0.8), y=(0.2, 0.7), weight=(50, 50))], 0.12)

    points, diagonal = made.data
    assert points.mode == "lines+markers"
    assert diagonal.name == "perfect"
    assert "Brier score 0.120" in made.layout.title.subtitle.text
