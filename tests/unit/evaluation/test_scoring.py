from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.scoring import labelled_rows, score
from millwright.models.signature import Signature
from millwright.models.task import Task


def signature_of(labels: pl.Series, task: Task) -> Signature:
    return Signature.infer(pl.DataFrame({"x": [1.0] * len(labels)}), labels, task)


@pytest.mark.parametrize("labels", [["no", "yes"], [0, 1], [False, True], [1.5, 2.5]])
def test_score_reads_binary_answers_whatever_the_labels_type(labels: list):
    truth = pl.Series("y", labels)
    signature = signature_of(truth, Task.BINARY)

    sample = score(signature, truth, pl.DataFrame({"prediction": labels[::-1], "probability": [0.75, 0.25]}))

    assert sample.y_true.tolist() == [0, 1]
    assert sample.y_pred.tolist() == [1, 0]
    np.testing.assert_allclose(sample.scores, [[0.25, 0.75], [0.75, 0.25]])


def test_score_gives_a_class_of_its_own_to_a_label_that_a_multiclass_model_never_saw():
    signature = signature_of(pl.Series("y", ["a", "b", "c"]), Task.MULTICLASS)
    answers = pl.DataFrame(
        {
            "prediction": ["a", "b"],
            "probability_a": [0.5, 0.2],
            "probability_b": [0.25, 0.6],
            "probability_c": [0.25, 0.2],
        }
    )

    sample = score(signature, pl.Series("y", ["a", "z"]), answers)

    assert sample.classes == ("a", "b", "c", "z")
    assert sample.y_true.tolist() == [0, 3]
    np.testing.assert_allclose(sample.scores, [[0.5, 0.25, 0.25, 0], [0.2, 0.6, 0.2, 0]])


def test_score_refuses_a_label_that_a_binary_model_never_saw():
    signature = signature_of(pl.Series("y", ["no", "yes"]), Task.BINARY)

    with pytest.raises(InvalidInputError, match="found 'maybe' in 1 of 1 rows"):
        score(signature, pl.Series("y", ["maybe"]), pl.DataFrame({"prediction": ["no"], "probability": [0.1]}))


def test_score_reads_numbers():
    signature = signature_of(pl.Series("y", [1, 2]), Task.REGRESSION)

    sample = score(signature, pl.Series("y", [1, 2]), pl.DataFrame({"prediction": [1.5, 2.5]}))

    assert sample.y_true.tolist() == [1.0, 2.0]


def test_score_forgives_probabilities_that_rounding_put_just_outside():
    signature = signature_of(pl.Series("y", [0, 1]), Task.BINARY)

    sample = score(signature, pl.Series("y", [1]), pl.DataFrame({"prediction": [1], "probability": [1.0 + 1e-7]}))

    assert sample.scores is not None
    assert sample.scores.max() == 1.0


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"prediction": [1]}, "Expected the prediction columns prediction, probability, found prediction"),
        ({"prediction": [1, 0], "probability": [0.1, 0.2]}, "Expected predictions for 1 rows, found 2"),
        ({"prediction": [1], "probability": [1.5]}, "probabilities between 0 and 1"),
        ({"prediction": [1], "probability": [float("nan")]}, "probabilities between 0 and 1"),
    ],
)
def test_score_refuses_broken_answers(answers: dict, message: str):
    signature = signature_of(pl.Series("y", [0, 1]), Task.BINARY)

    with pytest.raises(InvalidInputError, match=message):
        score(signature, pl.Series("y", [1]), pl.DataFrame(answers))


def test_score_refuses_no_rows():
    signature = signature_of(pl.Series("y", [0, 1]), Task.BINARY)
    empty = pl.DataFrame({"prediction": [], "probability": []})

    with pytest.raises(InvalidInputError, match="at least one row"):
        score(signature, pl.Series("y", [], dtype=pl.Int64), empty)


def test_labelled_rows_drops_nulls_and_nans():
    frame = pl.DataFrame({"y": [1.0, None, float("nan"), 2.0]})

    assert labelled_rows(frame, "y")["y"].to_list() == [1.0, 2.0]


def test_labelled_rows_names_the_nearest_column():
    with pytest.raises(InvalidInputError, match=r"no target column 'delayd'. Did you mean 'delayed'"):
        labelled_rows(pl.DataFrame({"delayed": [1]}), "delayd")


def test_labelled_rows_refuses_a_table_without_any_label():
    with pytest.raises(InvalidInputError, match="found 2 rows and none"):
        labelled_rows(pl.DataFrame({"y": [None, None]}), "y")
