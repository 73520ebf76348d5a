from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.tensor.sample import has_arrays, sample_frame


def test_arrays_become_a_table():
    found = sample_frame({"image": np.zeros((4, 2, 3), np.uint8), "age": np.arange(4)})
    assert found.schema == {"image": pl.Array(pl.UInt8, (2, 3)), "age": pl.Int64()}
    assert sample_frame(np.zeros((4, 2)), ("ids",)).columns == ["ids"]
    assert sample_frame(np.zeros((4, 2))).columns == ["input"]
    assert sample_frame(found) is found
    assert has_arrays(found)
    assert not has_arrays(pl.DataFrame({"a": [1]}))


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ({"a": np.zeros((0, 3))}, "at least one row"),
        ({"a": np.array(["x"])}, "array of numbers"),
        ({"a": np.zeros((2, 3)), "b": np.zeros((3, 3))}, "Expected 2 rows in 'b', found 3"),
    ],
)
def test_other_samples_are_refused(sample, message):
    with pytest.raises(InvalidInputError, match=message):
        sample_frame(sample)
