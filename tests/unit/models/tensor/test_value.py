from __future__ import annotations

import numpy as np
import pytest

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.tensor.value import depth, fits_shape, read_tensor, shown_shape, tensor_expectation


def column(dtype: str = "float32", shape: tuple[int, ...] = (2, 2)) -> SignatureColumn:
    return SignatureColumn(name="image", type=ColumnType.TENSOR, dtype=dtype, shape=shape)


@pytest.mark.parametrize("value", [[[1, 2.5], [3, 4]], np.array([[1, 2.5], [3, 4]]), ((1, 2.5), (3, 4))])
def test_lists_and_arrays_become_arrays_of_the_columns_type(value):
    found = read_tensor(value, column())
    assert found.dtype == np.float32
    assert found.tolist() == [[1.0, 2.5], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("value", "dtype", "found"),
    [
        ([1, 2], "float32", "a tensor of shape [2]"),
        ([[1, 2], [3]], "float32", "lists of different lengths"),
        ([[1, 2], [3, "x"]], "float32", "text among its elements"),
        ([[1, 2], [3, None]], "float32", "null among its elements"),
        ([[1, 2], [3, {}]], "float32", "something else than numbers among its elements"),
        ([[1, 2], [3, 2**70]], "int64", "integers of more than 64 bits"),
        ([[1, 2], [3, float("nan")]], "float32", "NaN among its elements"),
        ([[1, 2], [3, float("inf")]], "float32", "infinities among its elements"),
        ([[1, 2], [3, 1e300]], "float32", "numbers beyond float32"),
        ([[1, 2], [3, 4.5]], "int64", "numbers that are not whole"),
        ([[1, 2], [3, 300]], "uint8", "integers beyond uint8"),
        ([[1, 2], [3, -1]], "uint8", "integers beyond uint8"),
        ([[1, 0], [0, 1]], "bool", "numbers, not true and false"),
        ("x", "float32", "no list"),
    ],
)
def test_what_does_not_fit_is_told(value, dtype, found):
    assert read_tensor(value, column(dtype)) == found


def test_nan_passes_where_it_may_and_whole_floats_are_integers():
    assert np.isnan(read_tensor([[1, 2], [3, float("nan")]], column(), allows_nan=True)[1, 1])
    assert read_tensor([[1.0, 2.0], [3.0, 255.0]], column("uint8")).dtype == np.uint8
    assert read_tensor([[float("nan"), 2.0], [3.0, 4.0]], column("int64"), allows_nan=True) == "NaN among its elements"


def test_free_dimensions_take_any_size_but_none():
    assert fits_shape((3, 224, 7), (3, -1, -1))
    assert not fits_shape((3, 0, 7), (3, -1, -1))
    assert not fits_shape((4, 7, 7), (3, -1, -1))
    assert not fits_shape((3, 7), (3, -1, -1))


def test_words():
    assert tensor_expectation(column()) == "a tensor of shape [2, 2] of finite float32"
    assert tensor_expectation(column("uint8")) == "a tensor of shape [2, 2] of uint8"
    assert shown_shape((1,) * 9) == "[1, 1, 1, 1, 1, 1, 1, 1, …]"
    assert [depth(value) for value in (1, [], [1], [[1]], [[[]]])] == [0, 1, 1, 2, 3]
