from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.tensor.series import arrays_of, is_tensor, series_of, tensor_dtype, tensor_series

PICTURES = np.arange(24, dtype=np.float32).reshape(3, 2, 4)


def column(shape: tuple[int, ...] = (2, 4), dtype: str = "float32") -> SignatureColumn:
    return SignatureColumn(name="image", type=ColumnType.TENSOR, dtype=dtype, shape=shape)


@pytest.mark.parametrize(
    "given",
    [
        pl.Series("image", PICTURES),
        pl.Series("image", PICTURES.tolist()),
        pl.Series("image", PICTURES.reshape(3, 8)),
        pl.Series("image", PICTURES.reshape(3, 8).tolist()),
        pl.Series("image", PICTURES.astype(np.int64)),
    ],
    ids=["array", "lists", "flat array", "flat lists", "integers"],
)
def test_arrays_of_any_arrow_form_are_read(given):
    found = tensor_series(given, column())
    assert found.dtype == pl.Array(pl.Float32, (2, 4))
    np.testing.assert_array_equal(arrays_of(found), PICTURES)


def test_rows_that_do_not_fit_are_null():
    ragged = pl.Series(
        "image", [PICTURES[0].tolist(), [[1.0], [2.0]], None, [float(n) for n in range(8)]], strict=False
    )
    lists = pl.Series("image", [PICTURES[0].tolist(), [[1.0], [2.0]], None])
    assert tensor_series(lists, column()).is_null().to_list() == [False, True, True]
    assert len(ragged) == 4
    flat = pl.Series("image", [[float(n) for n in range(8)], [1.0], [float("nan")] * 8])
    assert tensor_series(flat, column()).is_null().to_list() == [False, True, True]
    assert tensor_series(flat, column(), allows_nan=True).is_null().to_list() == [False, True, False]


def test_free_dimensions_are_lists():
    given = pl.Series("ids", [[1, 2], [3], []])
    found = tensor_series(given, column((-1,), "int64"))
    assert found.dtype == pl.List(pl.Int64)
    assert found.is_null().to_list() == [False, False, True]
    assert [array.tolist() for array in arrays_of(found.drop_nulls())] == [[1, 2], [3]]


def test_other_columns_are_none():
    assert tensor_series(pl.Series("image", ["x"]), column()) is None
    assert tensor_series(pl.Series("image", [["x"]]), column()) is None
    assert tensor_series(pl.Series("image", [None]), column()).null_count() == 1
    assert not any(is_tensor(dtype) for dtype in (pl.Float32(), pl.List(pl.String), pl.Struct({"a": pl.Int8})))
    assert is_tensor(pl.List(pl.Array(pl.Int8, 3)))


def test_answers_become_columns():
    assert series_of("prediction", PICTURES, column()).dtype == tensor_dtype(column())
    free = series_of("prediction", [PICTURES[0], PICTURES[1][:, :2]], column((2, -1)))
    assert free.to_list()[1] == PICTURES[1][:, :2].tolist()
