from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import brier_score_loss, mean_absolute_error

from millwright.evaluation.metrics import classification
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.row_loss import row_losses

FRAME = pl.DataFrame({"days": [1.0, 2.0, 3.0]})


def test_losses_of_numbers_are_absolute_errors_of_the_known_rows():
    signature = Signature.infer(FRAME, pl.Series("cost", [1.0, 2.0, 3.0]), Task.REGRESSION)
    outputs = pl.DataFrame({"prediction": [1.0, None, 5.0, 2.0]})
    found = row_losses(outputs, pl.Series([1.5, 2.0, None, 0.0]), signature)
    assert found is not None
    assert (found.rows.tolist(), found.values.tolist(), found.name) == ([0, 3], [0.5, 2.0], "absolute error")
    assert found.values.mean() == pytest.approx(mean_absolute_error([1.5, 0.0], [1.0, 2.0]))


def test_losses_of_probabilities_are_scikit_learns_brier_score():
    signature = Signature.infer(FRAME, pl.Series("late", [0, 1, 1]), Task.BINARY)
    generator = np.random.default_rng(1)
    probability, truth = generator.random(50), generator.integers(0, 2, 50)
    outputs = pl.DataFrame({"prediction": (probability > 0.5).astype(int).astype(str), "probability": probability})
    labels = pl.Series(truth.astype(str)).set(pl.Series([True] + [False] * 49), "unknown class")
    found = row_losses(outputs, labels, signature)
    assert found is not None
    assert found.name == "Brier score"
    assert found.rows.tolist() == list(range(1, 50))
    assert found.values.mean() == pytest.approx(brier_score_loss(truth[1:], probability[1:]))
    known = classification.all(truth[1:], (probability > 0.5).astype(int)[1:], probability[1:])
    assert found.values.mean() == pytest.approx(known["brier"])
    assert found.errors.tolist() == ((probability > 0.5) != truth)[1:].astype(float).tolist()


def test_losses_of_several_classes_are_scikit_learns_brier_score():
    classes = ["design", "build", "done"]
    signature = Signature.infer(pl.DataFrame({"days": [1.0] * 3}), pl.Series("phase", classes), Task.MULTICLASS)
    generator = np.random.default_rng(2)
    probability = generator.dirichlet(np.ones(3), 60)
    truth = generator.choice(signature.classes, 60)
    columns = {f"probability_{label}": probability[:, place] for place, label in enumerate(signature.classes)}
    said = [signature.classes[place] for place in probability.argmax(axis=1)]
    found = row_losses(pl.DataFrame({"prediction": said, **columns}), pl.Series(truth), signature)
    assert found is not None
    assert found.values.mean() == pytest.approx(brier_score_loss(truth, probability, labels=sorted(classes)))


def test_losses_without_probabilities_are_wrong_answers():
    signature = Signature.infer(FRAME, pl.Series("late", [0, 1, 1]), Task.BINARY)
    outputs = pl.DataFrame(
        {"prediction": ["0", "1"], "probability": [None, None]}, schema_overrides={"probability": pl.Float64}
    )
    found = row_losses(outputs, pl.Series(["1", "1"]), signature)
    assert found is not None
    assert (found.values.tolist(), found.name) == ([1.0, 0.0], "error rate")


def test_there_are_no_losses_without_labels():
    signature = Signature.infer(FRAME, pl.Series("cost", [1.0, 2.0, 3.0]), Task.REGRESSION)
    assert row_losses(pl.DataFrame({"prediction": [1.0]}), pl.Series([None], dtype=pl.Float64), signature) is None
