from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from millwright.evaluation import curve
from millwright.evaluation.metrics.sample import Sample, classification_sample, regression_sample


def a_sample(rows: int, digits: int = 6) -> Sample:
    rng = np.random.default_rng(0)
    score = rng.random(rows).round(digits)
    truth = (rng.random(rows) < score).astype(int)
    return classification_sample(truth, (score > 0.5).astype(int), score)


@pytest.mark.parametrize("digits", [6, 1])
def test_roc_has_the_points_of_scikit_learn(digits: int):
    sample = a_sample(90, digits)

    ours = curve.roc(sample, 1)

    x, y, _ = reference.roc_curve(sample.y_true, sample.scores[:, 1], drop_intermediate=False)
    np.testing.assert_allclose(ours.x, x)
    np.testing.assert_allclose(ours.y, y)


def test_precision_recall_has_the_points_of_scikit_learn():
    sample = a_sample(90, 1)

    ours = curve.precision_recall(sample, 1)

    precision, recall, _ = reference.precision_recall_curve(sample.y_true, sample.scores[:, 1])
    np.testing.assert_allclose(ours.x[1:], recall[::-1][1:])
    np.testing.assert_allclose(ours.y[1:], precision[::-1][1:])


def test_calibration_equals_scikit_learns_quantile_bins():
    sample = a_sample(500)

    ours = curve.calibration(sample, 1)

    share, mean = calibration_curve(sample.y_true, sample.scores[:, 1], n_bins=10, strategy="quantile")
    np.testing.assert_allclose(ours.x, mean)
    np.testing.assert_allclose(ours.y, share)
    assert sum(ours.weight) == 500


def test_thinned_curves_keep_their_ends_and_their_area():
    sample = a_sample(20_000)

    ours = curve.roc(sample, 1)

    assert len(ours.x) <= curve.MAX_POINTS
    assert (ours.x[0], ours.y[0], ours.x[-1], ours.y[-1]) == (0, 0, 1, 1)
    area = np.trapezoid(ours.y, ours.x)
    assert area == pytest.approx(reference.roc_auc_score(sample.y_true, sample.scores[:, 1]), abs=2e-3)


def test_curves_of_several_classes_have_a_line_for_each_frequent_one():
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.ones(8), 400)
    truth = rng.choice(8, 400, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.09, 0.01])

    found = curve.curves(classification_sample(truth, truth, scores, classes=range(8)))

    assert len(found["roc"]) == 6
    assert found["roc"][0].label == "0"


def test_curves_are_left_out_when_only_one_class_occurs():
    assert curve.curves(classification_sample([1, 1], [1, 1], [0.5, 0.6])) == {}


def test_curves_are_left_out_without_scores():
    assert curve.curves(classification_sample([0, 1], [0, 1])) == {}


def test_curves_of_numbers_are_points_and_a_histogram():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=2_000)
    sample = regression_sample(truth, truth + rng.normal(size=2_000))

    found = curve.curves(sample, seed=1)

    (points,), (histogram,) = found["predicted_actual"], found["residuals"]
    assert len(points.x) == curve.MAX_SCATTER
    assert set(points.x) <= set(truth)
    assert sum(histogram.y) == 2_000


def test_residuals_of_a_perfect_model_are_all_in_one_bin():
    histogram = curve.residuals(regression_sample([1.0, 2.0], [1.0, 2.0]))

    assert max(histogram.y) == 2
