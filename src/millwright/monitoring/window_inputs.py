"""A window's features in the types of the model's signature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from millwright.monitoring.column_table import ColumnTable
from millwright.monitoring.monitored_column import input_table, without_tensors

if TYPE_CHECKING:
    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Rows, Table


def window_inputs(features: Table, signature: Signature, *, rows: int) -> Table:
    """Logged features as `monitored_column.input_table` gives them.

    Args:
        features: As the window holds them.
        signature: Of the model that was asked.
        rows: How many there are.

    Returns:
        In memory where the features are, else a table each of whose columns is read and brought to its type when it is
        asked for.
    """
    if isinstance(features, ColumnTable):
        return WindowInputs(features, signature, rows)
    return input_table(features, signature, rows=rows)


class WindowInputs(ColumnTable):
    """Typed columns of a table that is not in memory.

    Args:
        features: As they were logged.
        signature: Of the model that was asked; tensors are left out.
        rows: How many there are.
    """

    def __init__(self, features: ColumnTable, signature: Signature, rows: int) -> None:
        signature = without_tensors(signature)
        self._features = features
        self._signatures = {column.name: replace(signature, inputs=(column,)) for column in signature.inputs}
        super().__init__(list(self._signatures), rows)

    def read(self, name: str) -> pl.Series:
        """See `ColumnTable.read`."""
        values = self._features[name] if name in self._features.columns else None
        return self._typed(name, values, self.height)

    def take(self, name: str, rows: Rows) -> pl.Series:
        """See `ColumnTable.take`."""
        values = self._features.take(name, rows) if name in self._features.columns else None
        return self._typed(name, values, rows.size)

    def _typed(self, name: str, values: pl.Series | None, rows: int) -> pl.Series:
        frame = pl.DataFrame() if values is None else values.to_frame()
        return input_table(frame, self._signatures[name], rows=rows).to_series()
