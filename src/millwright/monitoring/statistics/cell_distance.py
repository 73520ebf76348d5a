"""What the distances of two samples counted in the same cells have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from millwright.monitoring.statistics.column import ColumnKind, Score

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import Column, CountArray


class CellDistance(ABC):
    """A symmetric distance over a column's cells, missing values included; it has no test of its own."""

    kinds: ClassVar[frozenset[ColumnKind]] = frozenset(ColumnKind)
    symmetric: ClassVar[bool] = True

    @staticmethod
    @abstractmethod
    def distance(reference: CountArray, current: CountArray) -> float:
        """The distance of two samples counted in the same cells, integers of shape (b,); NaN when one has no rows."""

    def score(self, column: Column) -> Score:
        """See `Statistic.score`."""
        bins = column.bins
        return Score(self.distance(bins.reference, bins.current))
