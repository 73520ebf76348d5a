from __future__ import annotations

from typing import Any

from millwright.core.records.monitor import DriftRecord
from millwright.evaluation.plots.drift import drift_figure


def record(column: str, score: float, statistic: str = "psi", threshold: float = 0.2) -> DriftRecord:
    return DriftRecord(
        column=column,
        kind="numeric",
        scores={statistic: score},
        p_value=0.01,
        statistic=statistic,
        threshold=threshold,
        drifted=score > threshold,
        reference_rows=1000,
        current_rows=100,
    )


def test_drift_shows_scores_with_their_limit_and_drifted_columns_apart():
    made: Any = drift_figure([record("days", 0.5), record("crew", 0.1)])

    drifted, steady = made.data
    assert (drifted.name, list(drifted.y), list(drifted.x)) == ("drifted", ["days"], [0.5])
    assert list(steady.y) == ["crew"]
    assert drifted.marker.pattern.shape != steady.marker.pattern.shape
    assert made.layout.shapes[0].x0 == 0.2
    assert made.layout.xaxis.title.text == "Population stability index"
    assert list(made.layout.yaxis.categoryarray) == ["crew", "days"]


def test_drift_is_shown_relative_to_the_limit_when_columns_have_different_ones():
    made: Any = drift_figure([record("days", 0.4), record("crew", 0.15, "jensen_shannon", 0.1)])

    assert sorted(made.data[0].x) == [1.4999999999999998, 2.0]
    assert made.layout.shapes[0].x0 == 1.0
    assert "relative" in made.layout.xaxis.title.text


def test_drift_shows_the_largest_of_many_columns():
    made: Any = drift_figure([record(f"c{i}", i / 100) for i in range(50)])

    assert sum(len(trace.y) for trace in made.data) == 30
    assert "29 of 50 columns drifted" in made.layout.title.subtitle.text


def test_drift_has_no_figure_without_columns():
    assert drift_figure([]) is None
