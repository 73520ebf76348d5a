"""What reaches a model of the first snapshot before the second one is taken."""

from __future__ import annotations

import polars as pl
from features import FEATURES, phase_features
from phases import label_phases, rename_columns, snapshot_date

KEY = "phase_key"
TARGET = "late"
_IDENTITY = ["project", "building", "phase", "description"]


def arrivals(first: pl.DataFrame, second: pl.DataFrame, sources: tuple[str, str]) -> pl.DataFrame:
    """Phases whose outcome the first snapshot did not know, as the second one shows them.

    Args:
        first: The first snapshot, as the contract lets it through.
        second: The second one.
        sources: Their files, whose names hold the dates.

    Returns:
        Key, features, and `late` where the second snapshot knows it.
    """
    earlier, later = (
        _keyed(label_phases(rename_columns(table), snapshot_date(source).isoformat()))
        for table, source in zip((first, second), sources, strict=True)
    )
    resolved = earlier.filter(pl.col(TARGET).is_not_null())[KEY]
    return (
        phase_features(later)
        .filter(~pl.col(KEY).is_in(resolved.implode()))
        .sort("started")
        .select(KEY, *FEATURES, TARGET)
    )


def _keyed(phases: pl.DataFrame) -> pl.DataFrame:
    dated = phases.filter(pl.col("started").is_not_null() & pl.col("planned_end").is_not_null())
    identity = pl.concat_str([pl.col(column).fill_null("") for column in _IDENTITY], separator=" | ")
    return dated.with_columns(identity.alias(KEY))
