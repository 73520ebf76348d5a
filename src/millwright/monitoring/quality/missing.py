"""Which columns of a window lack values more often than the reference did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    import polars as pl

    from millwright.monitoring.column_table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingSettings:
    """When a rise of the missing share counts.

    Attributes:
        max_rise: Tolerated rise of the share, 0 to 1: 0.1 is ten rows more in a hundred.
        false_discovery_rate: As for drift.

    Raises:
        InvalidInputError: A rise outside 0 to 1.
    """

    max_rise: float = 0.1
    false_discovery_rate: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.max_rise <= 1:
            raise InvalidInputError(f"Expected a tolerated rise between 0 and 1, found {self.max_rise}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingShare:
    """The missing share of one column.

    Attributes:
        reference: 0 to 1.
        current: 0 to 1.
        p_value: Of the two-sample chi-square test.
        risen: Whether it rose by more than the limit, and the test agrees.
    """

    column: str
    reference: float
    current: float
    p_value: float
    risen: bool


def compare_missing(
    reference: pl.DataFrame, current: Table, settings: MissingSettings | None = None
) -> list[MissingShare]:
    """Compare the missing shares of the reference's columns.

    Args:
        reference: Conformed input rows.
        current: The same columns for the window.
        settings: When a rise counts.

    Returns:
        One result per column; empty when a side has no rows.
    """
    chosen = settings or MissingSettings()
    if not reference.height or not current.height:
        return []
    before, now = reference.null_count().row(0), [current[name].null_count() for name in reference.columns]
    p_values = [
        chi_square_p(np.array([old, reference.height - old]), np.array([new, current.height - new]))
        for old, new in zip(before, now, strict=True)
    ]
    rejected = benjamini_hochberg(p_values, chosen.false_discovery_rate)
    shares = [(old / reference.height, new / current.height) for old, new in zip(before, now, strict=True)]
    return [
        MissingShare(
            column=name,
            reference=old,
            current=new,
            p_value=p_value,
            risen=agrees and new - old > chosen.max_rise,
        )
        for name, (old, new), p_value, agrees in zip(reference.columns, shares, p_values, rejected, strict=True)
    ]
