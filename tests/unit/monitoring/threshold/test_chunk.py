from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold import chunk_values


def test_reference_of_enough_rows_is_cut_in_its_order():
    seen: list[tuple[list[int], int]] = []

    def measure(chunk: Any, rest: Any) -> float:
        seen.append((chunk.tolist(), len(rest)))
        return float(chunk.mean())

    found = chunk_values(25, 2, measure)
    assert not found.resampled
    assert found.values.tolist() == [0.5 + 2 * number for number in range(12)]
    assert seen[1] == ([2, 3], 23)


def test_small_reference_is_drawn_from_with_the_scatter_of_window_and_reference():
    values = np.random.default_rng(1).normal(0, 1, 400)
    found = chunk_values(400, 200, lambda chunk, _: float(values[chunk].mean()), draws=2_000)
    assert found.resampled
    assert found.values.std() == pytest.approx(values.std() * np.sqrt(1 / 200 + 1 / 400), rel=0.05)


def test_values_that_are_not_defined_are_left_out():
    found = chunk_values(100, 10, lambda chunk, _: None if chunk[0] == 0 else float("nan") if chunk[0] == 10 else 1.0)
    assert found.values.size == 8


@pytest.mark.parametrize(("rows", "size"), [(0, 5), (5, 0)])
def test_nothing_is_refused(rows: int, size: int):
    with pytest.raises(InvalidInputError, match="at least 1"):
        chunk_values(rows, size, lambda *_: 0.0)
