from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics import classification
from millwright.evaluation.metrics.sample import classification_sample

NAMES = [
    "accuracy", "balanced_accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "brier", "log_loss",
]  # fmt: skip


def test_all_gives_every_metric_for_two_classes_with_scores():
    values = classification.all(["no", "yes", "yes"], ["no", "no", "yes"], [0.2, 0.4, 0.9], classes=("no", "yes"))

    assert list(values) == NAMES
    assert values["recall"] == 0.5


def test_all_leaves_out_score_metrics_without_scores():
    assert list(classification.all([0, 1, 1], [0, 1, 0])) == NAMES[:5]


@pytest.mark.parametrize("label", [0, 1])
def test_all_leaves_out_what_is_undefined_when_only_one_class_occurs(label: int):
    values = classification.all([label] * 3, [0, 1, 1], [0.1, 0.6, 0.7])

    assert "roc_auc" not in values
    assert "balanced_accuracy" not in values
    assert ("recall" in values) == (label == 1)
    assert {"accuracy", "brier", "log_loss"} <= set(values)


def test_all_refuses_no_rows():
    with pytest.raises(InvalidInputError, match="at least one row"):
        classification.all([], [], [])


def test_confusion_matrix_counts_true_classes_down_and_predicted_ones_across():
    sample = classification_sample(["a", "a", "b"], ["a", "b", "b"])

    assert classification.confusion_matrix(sample) == ((1, 1), (0, 1))


@pytest.mark.parametrize("k", [2, 4])
def test_class_report_equals_scikit_learn(k: int):
    rng = np.random.default_rng(k)
    truth, said = rng.integers(0, k, 60), rng.integers(0, k, 60)
    said[said == k - 1] = 0  # the last class is never predicted

    ours = classification.class_report(classification_sample(truth, said, classes=range(k)))

    theirs = classification_report(truth, said, output_dict=True, zero_division=0)
    for name, row in ours.items():
        assert row["precision"] == pytest.approx(theirs[name]["precision"])
        assert row["recall"] == pytest.approx(theirs[name]["recall"])
        assert row["f1"] == pytest.approx(theirs[name]["f1-score"])
        assert row["support"] == theirs[name]["support"]
    assert set(ours) == set(theirs) - {"accuracy"}
