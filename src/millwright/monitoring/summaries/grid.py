"""What each kind of column says of its cells and of the rows counted in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from millwright.monitoring.statistics.column import Column, CountArray


class ColumnSummary(Protocol):
    """One column of a window, counted in the cells of a grid."""

    def merge(self, other: Self) -> Self:
        """The summary of both windows; of the same grid."""
        ...

    def pack(self) -> list[Any]:
        """As plain values and bytes; `Grid.unpack` reads it."""
        ...


S = TypeVar("S", bound=ColumnSummary)


class Grid(ABC, Generic[S]):
    """The cells of one column, made once from the version's reference."""

    @abstractmethod
    def describe(self) -> list[str]:
        """What tells these cells from others."""

    @abstractmethod
    def count(self, values: pl.Series) -> S:
        """A window's rows, as `MonitoredColumn.view` gives them; null where missing."""

    @abstractmethod
    def pair(self, reference: S, current: S, *, bins: int, levels: int) -> Column:
        """The summaries of the reference and of a window, for the statistics.

        Args:
            reference: Of the reference.
            current: Of the window.
            bins: Into how many cells of equal share a numeric reference is cut, ≥ 2.
            levels: How many categories are kept apart, ≥ 1.
        """

    @abstractmethod
    def unpack(self, packed: list[Any]) -> S:
        """A summary from what its `pack` gave."""


def pack_counts(counts: CountArray) -> list[bytes]:
    """Counts as the places of cells that are not empty and what is in them; most are empty."""
    used = np.flatnonzero(counts)
    return [used.astype("<u4").tobytes(), counts[used].astype("<i8").tobytes()]


def unpack_counts(size: int, packed: list[Any]) -> tuple[CountArray, CountArray]:
    """Counts of `size` cells, and the places of those that are not empty, from what `pack_counts` gave."""
    used = np.frombuffer(packed[0], "<u4").astype(np.int64)
    if used.size == size:  # of a busy hour none is empty
        return np.frombuffer(packed[1], "<i8").astype(np.int64), used
    counts = np.zeros(size, dtype=np.int64)
    counts[used] = np.frombuffer(packed[1], "<i8")
    return counts, used
