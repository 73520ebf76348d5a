"""The cells of a column of categories: one for each value of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from millwright.data.profiles.sketch import sketch_distinct, sketch_frequent
from millwright.monitoring.summaries.categorical.pair import CategoricalSummaryPair
from millwright.monitoring.summaries.categorical.summary import CategoricalSummary
from millwright.monitoring.summaries.grid import Grid, unpack_counts

MOST_VALUES = 20_000  # categories that are told apart; as many as a reference has rows by default


@dataclass(frozen=True)
class CategoricalGrid(Grid[CategoricalSummary]):
    """Cells of categories: one for each value of the reference.

    Attributes:
        values: Most frequent first, equally frequent ones by name; at most `MOST_VALUES`.
        is_whole: Whether the reference has no others; values beyond them cannot be told from new ones.
    """

    values: tuple[str, ...]
    is_whole: bool = True

    @classmethod
    def of(cls, values: pl.Series) -> CategoricalGrid:
        """The cells for a reference's texts, none missing."""
        table = values.alias("value").value_counts(name="rows").sort(["rows", "value"], descending=[True, False])
        return cls(tuple(table["value"].head(MOST_VALUES).to_list()), is_whole=table.height <= MOST_VALUES)

    @cached_property
    def places(self) -> dict[str, int]:
        """Value → its cell."""
        return {value: place for place, value in enumerate(self.values)}

    def describe(self) -> list[str]:
        """See `Grid.describe`."""
        return list(self.values)

    def count(self, values: pl.Series) -> CategoricalSummary:
        """See `Grid.count`."""
        present = values.drop_nulls()
        table = present.alias("value").value_counts(name="rows")
        counts = np.zeros(len(self.values), dtype=np.int64)
        new: dict[str, int] = {}
        for value, rows in zip(table["value"].to_list(), table["rows"].to_list(), strict=True):
            place = self.places.get(value)
            if place is None:
                new[value] = rows
            else:
                counts[place] = rows
        return CategoricalSummary(
            counts=counts,
            missing=values.len() - present.len(),
            new=sum(new.values()),
            new_values=sketch_frequent(new),
            new_distinct=sketch_distinct(pl.Series(list(new), dtype=pl.String)),
        )

    def pair(
        self, reference: CategoricalSummary, current: CategoricalSummary, *, bins: int, levels: int
    ) -> CategoricalSummaryPair:
        """See `Grid.pair`."""
        del bins
        return CategoricalSummaryPair(self.values, reference, current, levels=levels)

    def unpack(self, packed: list[Any]) -> CategoricalSummary:
        """See `Grid.unpack`."""
        counts, _ = unpack_counts(len(self.values), packed)
        missing, new, new_values, new_distinct = packed[2:]
        return CategoricalSummary(
            counts=counts, missing=missing, new=new, new_values=new_values, new_distinct=new_distinct
        )
