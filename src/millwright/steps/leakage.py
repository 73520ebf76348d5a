"""The leakage check: a feature that is not known at the moment of prediction stops the run."""

from __future__ import annotations

import polars as pl

from millwright.data.features.leakage import check_known_at_prediction, suspicious_columns
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step


@step
def check_leakage(ctx: StepContext, table: pl.DataFrame, target: str, unknown: dict[str, str]) -> pl.DataFrame:
    """Refuse columns that are only known after the fact, and report those that look too good.

    Args:
        ctx: Given by the runner.
        table: Features, the target, and whatever else the table carries.
        target: The target column; never a feature.
        unknown: Column → why it is not known at the moment of prediction.

    Returns:
        The same table.

    Raises:
        LeakageError: A column of `unknown` is among the features.
    """
    features = [column for column in table.columns if column != target]
    check_known_at_prediction(features, unknown=unknown)
    ctx.note(features=len(features), suspicious=[str(found) for found in suspicious_columns(table, target)])
    return table
