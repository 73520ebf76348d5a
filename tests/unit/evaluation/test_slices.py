from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics import classification
from millwright.evaluation.metrics.sample import classification_sample
from millwright.evaluation.slices import (
    MISSING,
    OTHER,
    SliceOptions,
    slice_labels,
    slice_metrics,
    suggested_slices,
)
from millwright.models.signature import Signature
from millwright.models.task import Task


def cut(values: Any, **options: Any) -> tuple[list[str], tuple[str, ...]]:
    labels, order = slice_labels(pl.Series("column", values), SliceOptions(**options))
    return labels.to_list(), order


def test_values_with_enough_rows_are_slices_and_the_rest_is_other():
    labels, order = cut(["a"] * 5 + ["b"] * 3 + ["c", "d"] + [None], min_rows=3)

    assert order == ("a", "b", OTHER, MISSING)
    assert labels[-3:] == [OTHER, OTHER, MISSING]


def test_a_single_rare_value_keeps_its_name():
    assert cut(["a"] * 5 + ["c"], min_rows=3)[1] == ("a", "c")


def test_values_beyond_the_most_frequent_are_other():
    _, order = cut(["a"] * 5 + ["b"] * 4 + ["c"] * 3 + ["d"] * 3, min_rows=1, max_values=2)

    assert order == ("a", "b", OTHER)


def test_numbers_with_few_values_are_cut_by_value():
    assert cut([3, 3, 3, 1, 1, None], min_rows=1)[1] == ("3", "1", MISSING)


def test_numbers_with_many_values_are_cut_at_quartiles():
    labels, order = cut([float(value) for value in range(100)])

    assert order == ("0 to below 25", "25 to below 50", "50 to below 75", "75 to 99")
    assert [labels.count(name) for name in order] == [25, 25, 25, 25]


def test_numbers_whose_quartiles_coincide_are_cut_into_fewer_parts():
    _, order = cut([0] * 80 + list(range(1, 21)))

    assert order == ("0 to below 1", "1 to 20")


def test_nan_is_a_missing_value():
    labels, order = cut([float("nan"), *map(float, range(20))])

    assert labels[0] == MISSING
    assert order[-1] == MISSING


def test_dates_are_cut_at_quartiles():
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(40)]

    assert cut(days)[1][0] == "2025-01-01 to below 2025-01-11"


def test_columns_of_lists_cannot_be_sliced_by():
    with pytest.raises(InvalidInputError, match="cannot be sliced by"):
        cut([[1], [2]])


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=80))
def test_slices_part_the_rows(values: list[int | None]):
    labels, order = slice_labels(pl.Series("n", values, dtype=pl.Int64), SliceOptions(min_rows=2))

    assert labels.null_count() == 0
    assert sum((labels == name).sum() for name in order) == len(values)
    assert len(set(order)) == len(order)


def test_slice_metrics_are_those_of_the_slices_rows():
    rng = np.random.default_rng(0)
    truth, score = rng.integers(0, 2, 100), rng.random(100)
    said = (score > 0.5).astype(int)
    frame = pl.DataFrame({"borough": ["X"] * 60 + ["Y"] * 40})

    results = slice_metrics(frame, classification_sample(truth, said, score), ["borough"])

    assert [(result.value, result.rows) for result in results] == [("X", 60), ("Y", 40)]
    assert results[1].metrics == pytest.approx(classification.all(truth[60:], said[60:], score[60:]))


def test_slice_metrics_leave_out_what_is_undefined_in_a_slice():
    sample = classification_sample([0, 0, 1, 1], [0, 0, 1, 0], [0.1, 0.2, 0.8, 0.4])

    (first, _second) = slice_metrics(
        pl.DataFrame({"side": ["l", "l", "r", "r"]}), sample, ["side"], SliceOptions(min_rows=1)
    )

    assert "roc_auc" not in first.metrics
    assert first.metrics["accuracy"] == 1.0


def test_slice_metrics_name_the_nearest_column():
    with pytest.raises(InvalidInputError, match=r"no column 'boro'.*Did you mean 'borough'"):
        slice_metrics(pl.DataFrame({"borough": ["X"]}), classification_sample([0], [0]), ["boro"])


def test_suggested_slices_are_categories_with_few_values():
    frame = pl.DataFrame({"n": [1.5, 2.5], "a": ["x", "y"], "one": ["k", "k"], "flag": [True, False]})
    signature = Signature.infer(frame, pl.Series("t", [0, 1]), Task.BINARY)

    assert suggested_slices(signature) == ("a", "flag")
