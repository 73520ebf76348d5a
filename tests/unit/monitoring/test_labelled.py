from __future__ import annotations

import json

import polars as pl
import pytest

from millwright.evaluation.metrics.catalog import measure
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.labelled import class_names, class_text, label_column, label_series, labelled_sample

X = pl.DataFrame({"x": [1.0, 2.0, 3.0]})
BINARY = Signature.infer(X, pl.Series("y", [0, 1, 1]), Task.BINARY)
BOOLEAN = Signature.infer(X, pl.Series("y", [False, True, True]), Task.BINARY)
MULTICLASS = Signature.infer(X, pl.Series("y", ["a", "b", "c"]), Task.MULTICLASS)
NUMBER = Signature.infer(X, pl.Series("y", [1.0, 2.0, 3.0]), Task.REGRESSION)


def test_class_text_is_the_same_for_json_and_polars():
    assert class_text(True) == pl.Series([True]).cast(pl.String)[0]
    assert class_text(3) == "3"


def test_label_series_finds_the_class_that_a_value_equals():
    assert label_series([1.0, True, 0, None, "x"], BINARY).to_list() == ["1", "1", "0", None, "x"]
    assert label_series([1, False], BOOLEAN).to_list() == ["true", "false"]


def test_label_series_takes_no_number_for_unknown_in_regression():
    assert label_series([1, float("nan"), float("inf"), None, "2.5"], NUMBER).to_list() == [1.0, None, None, None, 2.5]


def test_labelled_sample_keeps_the_rows_whose_label_is_a_class():
    outputs = pl.DataFrame({"prediction": ["1", "0", "1", "1"], "probability": [0.9, 0.2, 0.8, 0.7]})
    sample = labelled_sample(outputs, pl.Series(["1", "0", None, "strange"]), BINARY)
    assert sample is not None
    assert sample.rows == 2
    assert measure(sample)["accuracy"] == 1.0
    assert measure(sample)["roc_auc"] == 1.0


def test_labelled_sample_is_none_when_no_label_is_known():
    outputs = pl.DataFrame({"prediction": ["1"], "probability": [0.9]})
    assert labelled_sample(outputs, pl.Series([None], dtype=pl.String), BINARY) is None


def test_labelled_sample_reads_one_probability_per_class():
    shares = {"probability_a": [0.8, 0.1], "probability_b": [0.1, 0.8], "probability_c": [0.1, 0.1]}
    sample = labelled_sample(pl.DataFrame({"prediction": ["a", "b"], **shares}), pl.Series(["a", "b"]), MULTICLASS)
    assert sample is not None
    assert sample.classes == class_names(MULTICLASS) == ("a", "b", "c")
    assert measure(sample)["log_loss"] == pytest.approx(0.2231435513)


def test_labelled_sample_goes_without_scores_when_some_are_missing():
    outputs = pl.DataFrame({"prediction": ["1", "0"], "probability": [0.9, None]})
    sample = labelled_sample(outputs, pl.Series(["1", "0"]), BINARY)
    assert sample is not None
    assert sample.scores is None


def test_labelled_sample_compares_numbers_in_regression():
    sample = labelled_sample(pl.DataFrame({"prediction": [1.0, 5.0]}), pl.Series([2.0, None]), NUMBER)
    assert sample is not None
    assert measure(sample)["mae"] == 1.0


@pytest.mark.parametrize("signature", [BINARY, BOOLEAN, MULTICLASS, NUMBER])
def test_label_column_is_the_series_of_the_joined_values(signature: Signature):
    values = [1.0, True, 0, "b", "x", 2.5]
    ids = [f"id-{number}" for number in range(len(values))]
    table = pl.DataFrame({"prediction_id": ids, "value": [json.dumps(value) for value in values]})
    if signature.task is Task.REGRESSION:
        values[1] = values[3] = values[4] = None  # a truth or a text is no number
    asked = pl.Series("id", ["id-3", "none", "id-0", "id-5", "id-1", "id-4", "id-2"])
    expected = label_series([values[3], None, values[0], values[5], values[1], values[4], values[2]], signature)
    assert label_column(table, asked, signature).to_list() == expected.to_list()


def test_label_column_is_null_without_labels():
    empty = pl.DataFrame(schema={"prediction_id": pl.String, "value": pl.String})
    assert label_column(empty, pl.Series("id", ["a", "b"]), BINARY).to_list() == [None, None]
    assert label_column(empty, pl.Series("id", ["a", "b"]), NUMBER).to_list() == [None, None]
