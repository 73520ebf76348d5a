from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from millwright.monitoring.summaries.grid import pack_counts, unpack_counts


@given(st.lists(st.integers(0, 2**62), max_size=80))
def test_counts_come_back_from_their_bytes(counts: list):
    packed = pack_counts(np.array(counts, dtype=np.int64))
    found, used = unpack_counts(len(counts), packed)
    assert found.tolist() == counts
    assert used.tolist() == [place for place, count in enumerate(counts) if count]


def test_empty_cells_take_no_bytes():
    counts = np.zeros(1_003, dtype=np.int64)
    counts[[2, 700]] = 5
    assert [len(part) for part in pack_counts(counts)] == [2 * 4, 2 * 8]
