from __future__ import annotations

import datasketches
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profiles.murmur import hashes, telling
from millwright.data.profiles.sketch import distinct, distinct_error, merge_distinct, sketch_distinct


@given(st.integers(-(2**63), 2**63 - 1))
def test_hash_is_that_of_the_library(number: int) -> None:
    sketch = datasketches.hll_sketch(12, datasketches.tgt_hll_type.HLL_8)
    sketch.update(number)
    coupon = int.from_bytes(sketch.serialize_compact()[8:12], "little")  # of one value, the sketch holds just this
    first, second = hashes(np.array([number], dtype=np.int64).view(np.uint64))
    assert coupon & (2**26 - 1) == int(first[0]) & (2**26 - 1)
    assert coupon >> 26 == min(64 - int(second[0]).bit_length(), 62) + 1


@pytest.mark.parametrize("kind", ["float", "integer", "signed zero"])
def test_few_values_give_the_sketch_of_all(kind: str) -> None:
    random = np.random.default_rng(1)
    values = pl.Series(random.normal(size=60_000) if kind == "float" else random.integers(-(2**62), 2**62, 60_000))
    if kind == "signed zero":
        values = pl.Series(np.where(np.arange(60_000) % 2, 0.0, -0.0))
    told = telling(values)
    assert told.len() <= 4096
    whole = datasketches.hll_sketch(12, datasketches.tgt_hll_type.HLL_8)
    for value in values.to_list():
        whole.update(value)
    seen = sketch_distinct(values)
    # A merge with all values changes nothing when none of them was wanting.
    assert distinct(merge_distinct(seen, bytes(whole.serialize_compact()))) == distinct(seen)
    assert abs(distinct(seen) - values.n_unique()) <= distinct_error() * values.n_unique()


def test_order_of_the_values_does_not_matter() -> None:
    values = pl.Series(np.random.default_rng(2).permutation(50_000))
    assert sketch_distinct(values) == sketch_distinct(values.sort())
