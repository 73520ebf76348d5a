from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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
