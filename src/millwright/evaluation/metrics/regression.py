"""The metrics of regression, in the order in which reports show them."""

from __future__ import annotations

from typing import Any

from millwright.evaluation.metrics import error
from millwright.evaluation.metrics.metric import REGRESSION, Metric, measure
from millwright.evaluation.metrics.sample import regression_sample

METRICS: tuple[Metric, ...] = (
    Metric(
        name="rmse",
        title="RMSE",
        function=error.rmse,
        tasks=REGRESSION,
        greater_is_better=False,
        needs_scores=False,
        bounded=False,
        description="Root of the mean squared error, in the target's unit.",
    ),
    Metric(
        name="mae",
        title="MAE",
        function=error.mae,
        tasks=REGRESSION,
        greater_is_better=False,
        needs_scores=False,
        bounded=False,
        description="Mean absolute error, in the target's unit.",
    ),
    Metric(
        name="r2",
        title="R²",
        function=error.r2,
        tasks=REGRESSION,
        greater_is_better=True,
        needs_scores=False,
        bounded=False,
        description="Share of the target's variance explained, at most 1. Undefined when all true values are equal.",
    ),
    Metric(
        name="mape",
        title="MAPE",
        function=error.mape,
        tasks=REGRESSION,
        greater_is_better=False,
        needs_scores=False,
        bounded=False,
        description="Mean error relative to the truth, as a fraction. Undefined when a true value is 0.",
    ),
    Metric(
        name="median_ae",
        title="Median absolute error",
        function=error.median_ae,
        tasks=REGRESSION,
        greater_is_better=False,
        needs_scores=False,
        bounded=False,
        description="Median absolute error, in the target's unit.",
    ),
)


def all(y_true: Any, y_pred: Any, y_score: Any = None) -> dict[str, float]:  # noqa: A001 - read as `regression.all`
    """All metrics that are defined on these rows.

    Args:
        y_true: (n,) finite numbers; NumPy array, Polars series or sequence.
        y_pred: (n,) finite numbers.
        y_score: Not used; there so that both modules are called alike.

    Returns:
        Metric name → value; never NaN: a metric that is undefined here is left out.

    Raises:
        InvalidInputError: No rows, unequal lengths, or values that are missing or infinite.

    Example:
        >>> all([1.0, 2.0, 3.0], [1.0, 2.0, 5.0])["mae"]
        0.6666666666666666
    """
    del y_score
    return measure(regression_sample(y_true, y_pred), METRICS)
