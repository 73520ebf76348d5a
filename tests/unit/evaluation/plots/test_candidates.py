from __future__ import annotations

from typing import Any

import pytest

from millwright.evaluation.plots.candidates import candidates_figure

ROWS = [
    {"candidate": "random_forest", "metrics": {"accuracy": {"mean": 0.8, "std": 0.02}, "brier": {"mean": 0.2}}},
    {"candidate": "random_forest", "metrics": {"accuracy": {"mean": 0.7, "std": 0.02}, "brier": {"mean": 0.1}}},
    {"candidate": "svm", "accuracy": 0.75, "brier": 0.15},
    {"candidate": "majority class", "metrics": {"accuracy": 0.5, "brier": 0.25}},
    {"candidate": "broken", "error": "did not converge"},
]


@pytest.mark.parametrize(
    ("metric", "names", "values"),
    [
        ("accuracy", ["majority class", "svm", "random forest"], [0.5, 0.75, 0.8]),
        ("brier", ["majority class", "svm", "random forest"], [0.25, 0.15, 0.1]),
    ],
)
def test_candidates_are_ranked_with_the_best_of_each_on_top(metric: str, names: list[str], values: list[float]):
    made: Any = candidates_figure(ROWS, metric)

    (bars,) = made.data
    assert list(bars.y) == names
    assert list(bars.x) == values
    assert made.layout.xaxis.title.text


def test_candidates_show_their_spread_over_the_folds_when_it_is_known():
    made: Any = candidates_figure(ROWS)

    assert list(made.data[0].error_x.array) == [0.0, 0.0, 0.02]
    assert "whiskers" in made.layout.title.subtitle.text


def test_candidates_give_the_baseline_another_colour_and_the_best_the_strongest():
    made: Any = candidates_figure(ROWS)

    assert len(set(made.data[0].marker.color)) == 3


@pytest.mark.parametrize("rows", [[], [{"candidate": "a", "metrics": {"recall": 0.5}}]])
def test_candidates_have_no_figure_when_no_row_has_the_metric(rows: list[dict[str, Any]]):
    assert candidates_figure(rows) is None
