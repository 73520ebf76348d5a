from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.evaluation.evaluate import EvaluationOptions, evaluate
from millwright.evaluation.plots.figure import figures

if TYPE_CHECKING:
    import polars as pl

LEADERBOARD = [{"candidate": "a", "metrics": {"accuracy": 0.8, "roc_auc": 0.9, "rmse": 3.0}}]
CLASSES = ["candidates", "candidates_roc_auc", "confusion", "roc", "precision_recall", "calibration", "importances"]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("binary", [*CLASSES, "slices"]),
        ("multiclass", CLASSES),
        ("regression", ["candidates", "predicted_actual", "residuals", "importances"]),
    ],
)
def test_figures_are_those_that_the_report_has_something_for(
    request: pytest.FixtureRequest, task: str, expected: list[str]
):
    model, test = request.getfixturevalue(f"{task}_model"), request.getfixturevalue(f"{task}_test")
    options = EvaluationOptions(slices=("borough",) if task == "binary" else (), draws=0)

    made = figures(evaluate(model, test, options=options), LEADERBOARD)

    assert list(made) == expected
    for figure in made.values():
        assert figure.layout.title.text
        assert figure.layout.xaxis.title.text
        assert figure.layout.template.layout.font.family


def test_figures_draw_guessing_at_the_share_of_positives(binary_model: Any, binary_test: pl.DataFrame):
    made = figures(evaluate(binary_model, binary_test, options=EvaluationOptions(draws=0, repeats=0)))

    share = (binary_test["late"] == "yes").mean()
    assert made["precision_recall"].data[1].y[0] == pytest.approx(share)
    assert "importances" not in made
    assert "candidates" not in made
