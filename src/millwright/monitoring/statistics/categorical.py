"""A categorical column of two samples, each counted once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.column import Bins, ColumnKind, CountArray

if TYPE_CHECKING:
    import polars as pl

DEFAULT_LEVELS = 50  # what the encoder keeps apart; rarer ones are one value to the model as well


class CategoricalColumn:
    """Two samples of categories.

    Values are compared as text. A null is a cell of its own, not a category; an empty text is a category.

    Args:
        reference: Any series; values are turned to text.
        current: The same for the current window.
        levels: How many of the reference's most frequent values are kept apart, ≥ 1.
    """

    kind = ColumnKind.CATEGORICAL

    def __init__(self, reference: pl.Series, current: pl.Series, *, levels: int = DEFAULT_LEVELS) -> None:
        self._reference, self._reference_missing = _counts(reference)
        self._current, self._current_missing = _counts(current)
        self._levels = levels

    @cached_property
    def bins(self) -> Bins:
        """One cell per frequent reference value, then the rarer ones together, values never seen before, and missing.

        Frequent values come most frequent first, equal ones by name. The `<other>` and `<new>` cells are always there.
        """
        by_frequency = sorted(self._reference.items(), key=lambda item: (-item[1], item[0]))
        kept = [value for value, _ in by_frequency[: self._levels]]
        rest = [value for value, _ in by_frequency[self._levels :]]
        unseen = sum(count for value, count in self._current.items() if value not in self._reference)
        reference = [self._reference[value] for value in kept]
        current = [self._current.get(value, 0) for value in kept]
        reference += [sum(self._reference[value] for value in rest), 0, self._reference_missing]
        current += [sum(self._current.get(value, 0) for value in rest), unseen, self._current_missing]
        return Bins(
            (*kept, "<other>", "<new>", "<missing>"),
            np.array(reference, dtype=np.int64),
            np.array(current, dtype=np.int64),
        )

    @cached_property
    def test_counts(self) -> tuple[CountArray, CountArray]:
        """Both samples counted in cells that treat them alike: the values most frequent in both together, and the rest.

        A two-sample test needs that. The `<new>` cell of `bins` is empty in the reference by definition: every value
        too rare to have been seen there lands in it, and a test on it calls one window in ten of an unchanged
        long-tailed column drifted.
        """
        pooled = {
            value: self._reference.get(value, 0) + self._current.get(value, 0)
            for value in {**self._reference, **self._current}
        }
        by_frequency = sorted(pooled, key=lambda value: (-pooled[value], value))
        kept, rest = by_frequency[: self._levels], by_frequency[self._levels :]
        sides = ((self._reference, self._reference_missing), (self._current, self._current_missing))
        reference, current = (
            [*(side.get(value, 0) for value in kept), sum(side.get(value, 0) for value in rest), missing]
            for side, missing in sides
        )
        return np.array(reference, dtype=np.int64), np.array(current, dtype=np.int64)

    @cached_property
    def unseen(self) -> dict[str, int]:
        """Values of the current window that the reference does not have → rows, most frequent first."""
        new = [(value, count) for value, count in self._current.items() if value not in self._reference]
        return dict(sorted(new, key=lambda item: (-item[1], item[0])))


def _counts(series: pl.Series) -> tuple[dict[str, int], int]:
    import polars as pl

    values = series.cast(pl.String).alias("value").to_frame().lazy()
    table = values.group_by("value").len("rows").collect()  # twice as fast as Series.value_counts
    counts = dict(zip(table["value"].to_list(), table["rows"].to_list(), strict=True))
    missing = counts.pop(None, 0)
    return counts, missing
