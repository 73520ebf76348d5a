from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, recall_score

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.bias import group_rates

X = pl.DataFrame({"x": [1.0, 2.0]})
BINARY = Signature.infer(X, pl.Series("y", [0, 1]), Task.BINARY)
NUMBER = Signature.infer(X, pl.Series("y", [0.0, 1.5]), Task.REGRESSION)


def test_rates_are_those_of_scikit_learn_in_each_group():
    generator = np.random.default_rng(0)
    groups = generator.choice(["a", "b", "c"], 600)
    truth, said = generator.integers(0, 2, 600), generator.integers(0, 2, 600)
    measures = {
        "selection_rate": lambda _, answers: answers.mean(),
        "true_positive_rate": recall_score,
        "false_positive_rate": lambda true, answers: 1 - recall_score(true, answers, pos_label=0),
        "accuracy": accuracy_score,
    }
    labels, outputs = pl.Series(truth).cast(pl.String), pl.DataFrame({"prediction": pl.Series(said).cast(pl.String)})
    found = group_rates(pl.Series(groups), outputs, labels, BINARY)
    assert {(rate.measure, rate.group) for rate in found} == {(m, g) for m in measures for g in "abc"}
    for rate in found:
        inside = groups == rate.group
        assert rate.value == pytest.approx(measures[rate.measure](truth[inside], said[inside]))
        assert rate.variance > 0


def test_rates_of_answers_alone_need_no_labels():
    outputs = pl.DataFrame({"prediction": ["1", "0", "1", None]})
    found = group_rates(pl.Series(["a", "a", "b", "b"]), outputs, pl.Series([None] * 4, dtype=pl.String), BINARY)
    assert [(rate.measure, rate.group, rate.rows, rate.value) for rate in found] == [
        ("selection_rate", "a", 2, 0.5),
        ("selection_rate", "b", 1, 1.0),
    ]


def test_rates_of_numbers_are_errors():
    outputs = pl.DataFrame({"prediction": [1.0, 2.0, 5.0, 7.0]})
    labels = pl.Series([1.5, 1.0, 5.0, None])
    found = {(r.measure, r.group): r for r in group_rates(pl.Series(["a", "a", "b", "b"]), outputs, labels, NUMBER)}
    assert found["mean_prediction", "b"].value == 6.0
    assert found["mean_error", "a"].value == 0.25
    assert found["absolute_error", "a"].value == mean_absolute_error([1.5, 1.0], [1.0, 2.0])
    assert found["absolute_error", "b"].rows == 1
    assert found["mean_prediction", "a"].variance == pytest.approx(np.var([1.0, 2.0], ddof=1) / 2)
