"""The summaries of two samples of categories, for the statistics."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from millwright.data.profiles.sketch import distinct, frequent
from millwright.monitoring.statistics.categorical import DEFAULT_LEVELS
from millwright.monitoring.statistics.column import Bins, ColumnKind, CountArray

if TYPE_CHECKING:
    from millwright.monitoring.summaries.categorical.summary import CategoricalSummary


class CategoricalSummaryPair:
    """The summaries of the reference and of a window.

    Exact as long as the window has at most 192 values that the reference does not have; beyond, the test takes the
    rarer of those together.

    Args:
        values: What the cells of both hold.
        reference: Of the reference: nothing in it is new.
        current: Of the window.
        levels: How many of the reference's most frequent values are kept apart, ≥ 1.
    """

    kind = ColumnKind.CATEGORICAL

    def __init__(
        self,
        values: tuple[str, ...],
        reference: CategoricalSummary,
        current: CategoricalSummary,
        *,
        levels: int = DEFAULT_LEVELS,
    ) -> None:
        self._values = values
        self.reference, self.current = reference, current
        self._levels = levels

    @cached_property
    def bins(self) -> Bins:
        """One cell per frequent reference value, then the rarer ones together, new values, and missing ones."""
        kept = self._levels
        counted = [
            np.array([*side.counts[:kept], side.counts[kept:].sum(), side.new, side.missing], dtype=np.int64)
            for side in (self.reference, self.current)
        ]
        return Bins((*self._values[:kept], "<other>", "<new>", "<missing>"), counted[0], counted[1])

    @cached_property
    def test_counts(self) -> tuple[CountArray, CountArray]:
        """Both samples in cells that treat them alike, as in `CategoricalColumn.test_counts`."""
        pooled = {
            value: int(count)
            for value, count in zip(self._values, self.reference.counts + self.current.counts, strict=True)
        }
        pooled.update(self.unseen)
        by_frequency = sorted(pooled, key=lambda value: (-pooled[value], value))[: self._levels]
        known = {value: place for place, value in enumerate(self._values)}
        places = [known.get(value) for value in by_frequency]
        counted = []
        for side, new in ((self.reference, {}), (self.current, self.unseen)):
            kept = [
                new.get(value, 0) if place is None else int(side.counts[place])
                for value, place in zip(by_frequency, places, strict=True)
            ]
            rest = max(0, side.rows - sum(kept))  # sketched counts may be too high
            counted.append(np.array([*kept, rest, side.missing], dtype=np.int64))
        return counted[0], counted[1]

    @cached_property
    def unseen(self) -> dict[str, int]:
        """Values of the current window that the reference does not have → rows, most frequent first.

        Beyond 192 of them those that are surely frequent, with counts that may be a little too high.
        """
        found, _ = frequent(self.current.new_values)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def unseen_values(self) -> float:
        """About how many values the window has that the reference does not have."""
        return distinct(self.current.new_distinct)
