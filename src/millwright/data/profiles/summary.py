"""Summaries of tables that merge: the summary of all rows from those of batches, in any order and grouping.

Counts, missing values, extremes and lengths are exact, means and deviations to rounding; quantiles, distinct and
frequent values have the errors that `sketch` states, which do not grow with the number of merges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.data.profiles.column_summary import ColumnSummary, merge_columns, summarize_column

if TYPE_CHECKING:
    import polars as pl

_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSummary:
    """A table that was reduced to 2 to 15 kB a column.

    Attributes:
        rows: Number of rows.
        columns: In the table's order.
        format: Of the bytes.
    """

    rows: int
    columns: tuple[ColumnSummary, ...]
    format: int = _FORMAT

    def to_bytes(self) -> bytes:
        """Bytes from which `from_bytes` makes an equal summary."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> TableSummary:
        """The summary whose bytes they are.

        Raises:
            IntegrityError: They are none, or of another release's format.
        """
        try:
            found = msgspec.msgpack.decode(data, type=cls)
        except msgspec.DecodeError as error:
            raise IntegrityError(
                f"Expected a table's summary, found other bytes ({error}).", hint="Summarize the table anew."
            ) from error
        if found.format != _FORMAT:
            raise IntegrityError(
                f"Expected a table's summary of format {_FORMAT}, found format {found.format}.",
                hint="Summarize the table anew.",
            )
        return found

    @property
    def layout(self) -> tuple[tuple[str, str], ...]:
        """Names and types of the columns; summaries with the same ones merge."""
        return tuple((column.name, column.dtype) for column in self.columns)


def summarize(frame: pl.DataFrame) -> TableSummary:
    """Reduce a table.

    Args:
        frame: Any table, also one without rows. A million rows of 20 columns take about a second of CPU time,
            ten thousand some hundredths.
    """
    return TableSummary(rows=frame.height, columns=tuple(map(summarize_column, frame.get_columns())))


def merge(first: TableSummary, second: TableSummary) -> TableSummary:
    """The summary of both tables' rows.

    Raises:
        InvalidInputError: They have not the same columns, of the same types, in the same order.

    >>> import polars as pl
    >>> from millwright.data.profiles import profile_of
    >>> week = merge(summarize(pl.DataFrame({"days": [1, 2]})), summarize(pl.DataFrame({"days": [4]})))
    >>> profile_of(week).column("days").summary()
    '1 to 4, mean 2.333'
    """
    if first.layout != second.layout:
        differing = sorted({name for name, _ in set(first.layout) ^ set(second.layout)})
        raise InvalidInputError(
            "Expected summaries of the same columns and types, found others "
            f"({', '.join(differing[:5]) or 'their order differs'}).",
            hint="Summarize the whole table anew.",
        )
    columns = zip(first.columns, second.columns, strict=True)
    return TableSummary(rows=first.rows + second.rows, columns=tuple(merge_columns(a, b) for a, b in columns))
