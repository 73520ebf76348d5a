"""Tables whose columns are read when they are asked for, so that one of them is in memory at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Rows: TypeAlias = "NDArray[np.int64]"


class ColumnTable(ABC):
    """n rows by column. What is asked of it is asked as of a `polars.DataFrame`, so that readers take either (`Table`).

    The column that was read last is kept, because it is often asked for twice.

    Args:
        columns: Their names.
        height: The n above.
    """

    def __init__(self, columns: Sequence[str], height: int) -> None:
        self.columns = list(columns)
        self.height = height
        self._kept: pl.Series | None = None

    @abstractmethod
    def read(self, name: str) -> pl.Series:
        """The n values of a column."""

    @abstractmethod
    def take(self, name: str, rows: Rows) -> pl.Series:
        """The values of some rows of a column, in the order in which they are asked for; less is read for fewer."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)

    def __getitem__(self, name: str) -> pl.Series:
        if self._kept is None or self._kept.name != name:
            self._kept = None  # before the next one is read
            self._kept = self.read(name)
        return self._kept

    def get_column(self, name: str) -> pl.Series:
        """The same."""
        return self[name]

    def select(self, names: Sequence[str]) -> pl.DataFrame:
        """Some columns, in memory."""
        return pl.DataFrame({name: self.read(name) for name in names})

    def gather(self, rows: Rows) -> pl.DataFrame:
        """Some rows of all columns, in memory."""
        return pl.DataFrame({name: self.take(name, rows) for name in self.columns})

    def tail(self, rows: int) -> pl.DataFrame:
        """The last rows, in memory."""
        return self.gather(np.arange(max(0, self.height - rows), self.height))

    def sample(self, rows: int, *, seed: int) -> pl.DataFrame:
        """Those rows that `polars.DataFrame.sample` draws, in memory."""
        return self.gather(drawn_rows(self.height, rows, seed=seed))


Table: TypeAlias = "pl.DataFrame | ColumnTable"


class ColumnView:
    """A column of a table, of which what is asked for is read.

    Args:
        table: With n rows.
        name: Which column.
    """

    def __init__(self, table: Table, name: str) -> None:
        self._table, self._name = table, name

    def __len__(self) -> int:
        return self._table.height

    def gather(self, rows: Rows) -> pl.Series:
        """The values of some rows."""
        return taken(self._table, self._name, rows)

    def __getitem__(self, row: int) -> Any:
        return self.gather(np.array([row]))[0]


def drawn_values(table: Table, name: str, rows: int, *, seed: int) -> pl.Series:
    """The values of a column that `polars.Series.sample` draws; all of them where there are no more."""
    return taken(table, name, drawn_rows(table.height, rows, seed=seed)) if table.height > rows else table[name]


def drawn_rows(height: int, rows: int, *, seed: int) -> Rows:
    """Which rows `polars.DataFrame.sample` draws of a table: (rows,), without repetition."""
    return pl.int_range(height, eager=True).sample(rows, seed=seed).to_numpy()


def taken(table: Table, name: str, rows: Rows) -> pl.Series:
    """The values of some rows of a column."""
    return table.take(name, rows) if isinstance(table, ColumnTable) else table[name].gather(rows)


def gathered(table: Table, rows: Rows) -> pl.DataFrame:
    """Some rows of all columns."""
    return table.gather(rows) if isinstance(table, ColumnTable) else table[rows]


def batches(table: Table, rows: Rows, size: int) -> Iterator[pl.DataFrame]:
    """Some rows of all columns, `size` of them at a time, in their order."""
    for start in range(0, rows.size, size):
        yield gathered(table, rows[start : start + size])
