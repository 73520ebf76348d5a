"""What a statistic reads, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FloatArray: TypeAlias = "NDArray[np.float64]"
CountArray: TypeAlias = "NDArray[np.int64]"


class ColumnKind(StrEnum):
    """How a column's values are compared."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """The same cells counted in both samples; the last cell holds the missing values.

    Attributes:
        labels: What each cell holds, for people; length b ≥ 1, last one `<missing>`.
        reference: Rows per cell, int64 of shape (b,), ≥ 0.
        current: The same for the current window.
    """

    labels: tuple[str, ...]
    reference: CountArray
    current: CountArray


@dataclass(frozen=True, slots=True)
class Score:
    """What a statistic found.

    Attributes:
        value: The distance, ≥ 0; NaN when one side has nothing to compare.
        p_value: Probability of at least this distance if both samples came from one population, 0 to 1; None when the
            statistic comes without a test, or one side has nothing to compare.
    """

    value: float
    p_value: float | None = None


class Column(Protocol):
    """One column of two samples."""

    @property
    def kind(self) -> ColumnKind:
        """Numeric or categorical."""
        ...

    @property
    def bins(self) -> Bins:
        """Both samples counted in the same cells, to show them and to measure distances."""
        ...

    @property
    def test_counts(self) -> tuple[CountArray, CountArray]:
        """Reference and current rows per cell, int64 of shape (c,), for a two-sample test; missing values last."""
        ...


class Statistic(Protocol):
    """A distance between the two samples of a column; its file states source, range and empty behaviour.

    Attributes:
        name: As written in settings and reports.
        kinds: The kinds of columns that it is defined for.
        upper: Its largest possible value; infinity when there is none.
        symmetric: Whether exchanging the samples (in the same cells) leaves the value as it is.
    """

    name: ClassVar[str]
    kinds: ClassVar[frozenset[ColumnKind]]
    upper: ClassVar[float]
    symmetric: ClassVar[bool]

    def score(self, column: Column) -> Score:
        """The distance, and its p-value where the statistic has a test."""
        ...


def shares(counts: CountArray) -> FloatArray:
    """Counts as shares of their sum, float64 of the same shape; all NaN when the sum is 0."""
    total = int(counts.sum())
    if total == 0:
        return np.full(counts.shape, np.nan)
    return counts / float(total)
