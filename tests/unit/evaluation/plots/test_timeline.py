from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from millwright.evaluation.plots.timeline import TimePoint, timeline_figure

START = datetime(2025, 9, 1, tzinfo=UTC)
POINTS = [
    TimePoint(at=START, value=0.86, low=0.84, high=0.88, note="120 rows"),
    TimePoint(at=START + timedelta(days=7), value=0.8),
]


def test_timeline_shows_values_with_intervals_levels_and_events():
    made: Any = timeline_figure(
        {"delay@1": POINTS}, "roc_auc", reference=0.86, limits={"": 0.81}, events={START: "deployed <b>"}
    )

    (line,) = made.data
    assert list(line.y) == [0.86, 0.8]
    assert [round(value, 3) for value in line.error_y.array] == [0.02, 0.0]
    assert [shape.y0 for shape in made.layout.shapes[:2]] == [0.86, 0.81]
    assert made.layout.annotations[0].text == "deployed &lt;b&gt;"
    assert made.layout.title.subtitle.text == "Dashed: 0.860 at evaluation; dotted: 0.810 limit."
    assert made.layout.xaxis.type == "date"
    assert "120 rows" in line.hovertext[0]


def test_timeline_takes_names_of_windows_and_several_series():
    points = [TimePoint(at="2025-09", value=1.0), TimePoint(at="2025-10", value=2.0)]

    made: Any = timeline_figure({"a": points, "b": points, "empty": []}, "rmse")

    assert len(made.data) == 2
    assert made.layout.showlegend
    assert made.layout.xaxis.type == "category"
    assert made.data[0].error_y.array is None


def test_timeline_has_no_figure_without_points():
    assert timeline_figure({"a": []}, "rmse") is None
