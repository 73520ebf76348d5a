"""A column of categories of one window, counted in the cells of a grid; other values go into a sketch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from millwright.data.profiles.sketch import merge_distinct, merge_frequent, sketch_frequent
from millwright.monitoring.statistics.column import CountArray
from millwright.monitoring.summaries.grid import pack_counts


def _no_texts() -> bytes:
    return sketch_frequent({})


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CategoricalSummary:
    """A column of categories of one window.

    Eight bytes for each value of the reference, and at most 8 kB for those that it does not have.

    Attributes:
        counts: Rows per value of the grid, int64 of shape (v,).
        missing: Rows without a value.
        new: Rows with a value that the grid does not have.
        new_values: A sketch of those values and how often each came (`data.profiles.sketch`): exact up to 192 of them.
        new_distinct: A sketch of how many of them differ.
    """

    counts: CountArray
    missing: int = 0
    new: int = 0
    new_values: bytes = field(default_factory=_no_texts)
    new_distinct: bytes = b""

    @property
    def rows(self) -> int:
        """How many rows hold a value."""
        return int(self.counts.sum()) + self.new

    def merge(self, other: CategoricalSummary) -> CategoricalSummary:
        """The summary of both windows; of the same grid."""
        return CategoricalSummary(
            counts=self.counts + other.counts,
            missing=self.missing + other.missing,
            new=self.new + other.new,
            new_values=merge_frequent(self.new_values, other.new_values),
            new_distinct=merge_distinct(self.new_distinct, other.new_distinct),
        )

    def pack(self) -> list[Any]:
        """See `ColumnSummary.pack`."""
        return [*pack_counts(self.counts), self.missing, self.new, self.new_values, self.new_distinct]
