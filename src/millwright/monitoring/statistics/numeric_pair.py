"""What the statistics of numbers ask of two samples, whether their values are at hand or only summaries of them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from millwright.monitoring.statistics.column import Bins, Column, ColumnKind, CountArray


class NumericPair(ABC):
    """Two samples of numbers, F and G their empirical distribution functions."""

    kind = ColumnKind.NUMERIC

    @property
    @abstractmethod
    def bins(self) -> Bins:
        """Cells between the reference's quantiles, the outer ones open-ended, and one cell for missing values.

        A value that holds at least one cell's share of the reference (a zero in a zero-heavy column, a small integer)
        gets a cell of its own, so that mass moving off it is seen on both sides.
        """

    @property
    @abstractmethod
    def rows(self) -> tuple[int, int]:
        """How many values are present in the reference and in the current window."""

    @property
    @abstractmethod
    def missing(self) -> tuple[int, int]:
        """How many values are missing there; NaN and infinities count as missing."""

    @property
    @abstractmethod
    def largest_gap(self) -> float:
        """The maximum of |F - G|, 0 to 1; NaN when a side has no present value."""

    @property
    @abstractmethod
    def area(self) -> float:
        """The integral of |F - G|, in the column's unit, ≥ 0; NaN when a side has no present value."""

    @property
    @abstractmethod
    def scale(self) -> float:
        """Standard deviation of the reference's present values (divisor n); 0 for a constant or an empty one."""

    @property
    def test_counts(self) -> tuple[CountArray, CountArray]:
        """The counts of `bins`: none of its cells is empty in the reference by definition."""
        return self.bins.reference, self.bins.current


def numeric_pair(column: Column) -> NumericPair:
    """The column as numbers.

    Raises:
        TypeError: It is of another kind.
    """
    if not isinstance(column, NumericPair):
        raise TypeError("Expected a numeric column.")
    return column
