"""Predictions by column, as readers of the log get them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PredictionTable:
    """Predictions of one model version at one endpoint, n of them.

    A feature or output that is in none of the rows is no column; null stands where a row has no value. A column whose
    values are of several JSON types is text: texts as they are, other values as JSON.

    Attributes:
        endpoint: One for all.
        model: Likewise.
        version: Likewise.
        rows: n rows with the columns `id` (String), `at` (Datetime in microseconds, UTC), `latency_ms` (Float64),
            `request_id` and `key` (String, null where none was given).
        features: n rows, a column for each feature, of the types they were logged with; no rows without columns.
        outputs: Likewise of what was answered.
    """

    endpoint: str
    model: str
    version: int
    rows: pl.DataFrame
    features: pl.DataFrame
    outputs: pl.DataFrame

    def __len__(self) -> int:
        return self.rows.height

    def filter(self, mask: pl.Series) -> PredictionTable:
        """The rows where a mask of n booleans holds."""
        if mask.all():
            return self
        return PredictionTable(
            endpoint=self.endpoint,
            model=self.model,
            version=self.version,
            rows=self.rows.filter(mask),
            features=self.features.filter(mask) if self.features.width else self.features,
            outputs=self.outputs.filter(mask) if self.outputs.width else self.outputs,
        )
