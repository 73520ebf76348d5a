"""The metrics of classification, in the order in which reports show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.evaluation.metrics import counting, probability, ranking
from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.metric import CLASSIFICATION, Metric, measure
from millwright.evaluation.metrics.sample import classification_sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.sample import Floats, Sample

_NO_POSITIVE = "Undefined when no positive row occurs."

METRICS: tuple[Metric, ...] = (
    Metric(
        name="accuracy",
        title="Accuracy",
        function=counting.accuracy,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=False,
        bounded=True,
        description="Share of rows predicted right.",
    ),
    Metric(
        name="balanced_accuracy",
        title="Balanced accuracy",
        function=counting.balanced_accuracy,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=False,
        bounded=True,
        description="Mean recall of the classes. Undefined when fewer than two occur.",
    ),
    Metric(
        name="precision",
        title="Precision",
        function=counting.precision,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=False,
        bounded=True,
        description=f"Share of predicted positives that are right (several classes: macro mean). {_NO_POSITIVE}",
    ),
    Metric(
        name="recall",
        title="Recall",
        function=counting.recall,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=False,
        bounded=True,
        description=f"Share of true positives that are found (several classes: macro mean). {_NO_POSITIVE}",
    ),
    Metric(
        name="f1",
        title="F1",
        function=counting.f1,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=False,
        bounded=True,
        description=f"Harmonic mean of precision and recall (several classes: macro mean). {_NO_POSITIVE}",
    ),
    Metric(
        name="roc_auc",
        title="ROC AUC",
        function=ranking.roc_auc,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=True,
        bounded=True,
        description="Probability that a positive row scores above a negative one (several classes: each against the "
        "rest, macro mean). Undefined when a class does not occur.",
    ),
    Metric(
        name="average_precision",
        title="Average precision",
        function=ranking.average_precision,
        tasks=CLASSIFICATION,
        greater_is_better=True,
        needs_scores=True,
        bounded=True,
        description="Mean precision over the positives in order of score (several classes: macro mean). Undefined "
        "when a class does not occur.",
    ),
    Metric(
        name="brier",
        title="Brier score",
        function=probability.brier,
        tasks=CLASSIFICATION,
        greater_is_better=False,
        needs_scores=True,
        bounded=False,
        description="Mean squared difference of probability and outcome; 0 is perfect.",
    ),
    Metric(
        name="log_loss",
        title="Log loss",
        function=probability.log_loss,
        tasks=CLASSIFICATION,
        greater_is_better=False,
        needs_scores=True,
        bounded=False,
        description="Mean negative logarithm of the true class's probability; 0 is perfect.",
    ),
)


def all(y_true: Any, y_pred: Any, y_score: Any = None, *, classes: Sequence[Any] = ()) -> dict[str, float]:  # noqa: A001 - read as `classification.all`
    """All metrics that are defined on these rows.

    Args:
        y_true: (n,) labels; NumPy array, Polars series or sequence.
        y_pred: (n,) predicted labels.
        y_score: None, (n,) probabilities of the positive class, or (n, k) in the order of `classes`.
        classes: The labels the model knows, sorted; binary: (negative, positive). See `classification_sample` for
            what happens without them.

    Returns:
        Metric name → value; never NaN: a metric that is undefined here is left out. Two classes: precision, recall
        and F1 are those of the positive class; more classes: macro means.

    Raises:
        InvalidInputError: No rows, unequal lengths, unknown labels, or scores that are no probabilities.

    Example:
        >>> scores = all([0, 0, 1, 1], [0, 1, 1, 1], [0.1, 0.6, 0.7, 0.9])
        >>> round(scores["accuracy"], 2), scores["recall"], scores["roc_auc"]
        (0.75, 1.0, 1.0)
    """
    return measure(classification_sample(y_true, y_pred, y_score, classes=classes), METRICS)


def confusion_matrix(sample: Sample) -> tuple[tuple[int, ...], ...]:
    """Row counts, (k, k): true class down, predicted class across, in the order of `sample.classes`."""
    matrix: Floats = Draws(sample).confusion[0]
    return tuple(tuple(int(count) for count in row) for row in matrix)


def class_report(sample: Sample) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each class, and their macro and weighted means.

    Args:
        sample: n classified rows.

    Returns:
        Class label as text (then `macro avg` and `weighted avg`) → `precision`, `recall`, `f1`, `support` (rows).
        Where nothing is predicted, or nothing occurs, 0 stands, as with scikit-learn's `zero_division=0`.
    """
    confusion = Draws(sample).confusion
    columns = {
        "precision": counting.class_precision(confusion)[0],
        "recall": counting.class_recall(confusion)[0],
        "f1": counting.class_f1(confusion)[0],
    }
    support = confusion[0].sum(axis=1)
    report = {
        str(label): {name: float(values[code]) for name, values in columns.items()} | {"support": float(support[code])}
        for code, label in enumerate(sample.classes)
    }
    rows = float(support.sum())
    report["macro avg"] = {name: float(np.mean(values)) for name, values in columns.items()} | {"support": rows}
    report["weighted avg"] = {name: float(np.average(values, weights=support)) for name, values in columns.items()} | {
        "support": rows
    }
    return report
