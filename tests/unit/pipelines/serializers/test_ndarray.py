from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from millwright.pipelines.serializers.ndarray import NdarraySerializer

NPY = NdarraySerializer()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array(3.5),
        np.zeros((0, 4)),
        np.array(["a", "größe"]),
        np.array([True, False]),
        np.array([1 + 2j]),
        np.array([("a", 1)], dtype=[("name", "U3"), ("n", "i4")]),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
        np.array([np.nan, np.inf]),
    ],
    ids=str,
)
def test_array_comes_back(array: Any) -> None:
    found = NPY.loads(NPY.dumps(array), np.ndarray)
    np.testing.assert_array_equal(found, array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)


def test_memory_order_and_byte_order_leave_no_trace() -> None:
    array = np.arange(6, dtype="<i4").reshape(2, 3)
    for same in (np.asfortranarray(array), array.astype(">i4"), np.vstack([array, array])[:2]):
        assert NPY.dumps(same) == NPY.dumps(array)
    assert NPY.dumps(array) != NPY.dumps(array.T)


def test_what_lies_between_the_fields_of_aligned_structures_leaves_no_trace() -> None:
    dtype = np.dtype([("a", "i1"), ("b", "f8"), ("c", [("d", "i1"), ("e", "i4")])], align=True)
    one, other = np.zeros(2, dtype=dtype), np.empty(2, dtype=dtype)
    other.view("u1")[:] = 7
    for array in (one, other):
        array["a"], array["b"], array["c"]["d"], array["c"]["e"] = 1, 2.5, 3, 4
    assert NPY.dumps(one) == NPY.dumps(other)
    found = NPY.loads(NPY.dumps(other), np.ndarray)
    np.testing.assert_array_equal(found, one)
    assert found.dtype == dtype


@given(
    hnp.arrays(
        st.one_of(hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes(), hnp.datetime64_dtypes()),
        hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=3),
    )
)
def test_any_numbers_come_back(array: Any) -> None:
    data = NPY.dumps(array)
    for found in (NPY.loads(data, np.ndarray), np.load(io.BytesIO(data), allow_pickle=False)):
        np.testing.assert_array_equal(found, array)
        assert (found.dtype, found.shape) == (array.dtype.newbyteorder("<"), array.shape)
    assert NPY.dumps(found) == data


def test_dtype_of_another_package_is_refused() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    with pytest.raises(TypeError, match="bfloat16 has no form"):
        NPY.dumps(np.zeros(2, dtype=ml_dtypes.bfloat16))


def test_array_of_objects_is_refused() -> None:
    with pytest.raises(TypeError, match="array of Python objects"):
        NPY.dumps(np.array([object()]))


def test_only_plain_arrays_are_its_own() -> None:
    assert NPY.handles(np.ndarray)
    assert not NPY.handles(np.ma.MaskedArray)
    assert not NPY.handles(np.float64)


def test_shared_array_is_a_copy() -> None:
    array = np.arange(3)
    NPY.share(array)[0] = 9
    assert array.tolist() == [0, 1, 2]
