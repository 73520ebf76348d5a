from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from millwright.models.column import ColumnType, SignatureColumn
from millwright.monitoring.embedding.vector import tensor_vectors


def column(*shape: int) -> SignatureColumn:
    return SignatureColumn(name="image", type=ColumnType.TENSOR, dtype="float32", shape=shape)


def test_arrays_of_a_fixed_shape_are_laid_out_in_a_row():
    arrays = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    lists = pl.Series("image", arrays.tolist())
    for series in (pl.Series("image", arrays), lists, pl.Series([json.dumps(each) for each in arrays.tolist()])):
        assert tensor_vectors(series, column(2, 3)).tolist() == arrays.reshape(4, 6).tolist()


def test_free_dimension_is_averaged_away():
    texts = pl.Series("image", [[[1.0, 2.0]], [[1.0, 2.0], [3.0, 6.0]]])
    assert tensor_vectors(texts, column(-1, 2)).tolist() == [[1, 2], [2, 4]]


def test_array_of_free_dimensions_is_told_by_mean_spread_and_size():
    found = tensor_vectors(pl.Series("image", [[1.0, 3.0], [5.0]]), column(-1))
    assert found == pytest.approx(np.array([[2, 1, np.log(2)], [5, 0, 0]]))


def test_what_is_no_array_of_the_shape_is_left_out():
    assert tensor_vectors(pl.Series([[1.0, 2.0], None, [3.0]]), column(2)).tolist() == [[1, 2]]
    assert tensor_vectors(pl.Series(["[1, 2]", "{}", None, "no JSON", "[1]"]), column(2)).tolist() == [[1, 2]]
    assert not tensor_vectors(pl.Series([{"shape": [5000], "sha256": "00"}]), column(5000)).size
    assert not tensor_vectors(pl.Series([None, None]), column(2)).size
