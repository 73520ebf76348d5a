"""Millwright: `python ours.py FOLDER drift | columns | fold | estimate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
from measured import Work, keep, tell

from millwright.models.column import ColumnType
from millwright.monitoring.drift import compare_columns
from millwright.monitoring.monitored_column import MonitoredColumn
from millwright.monitoring.tables import compare_tables

METRICS = ("roc_auc", "f1", "precision", "recall", "accuracy")
_PIECE = 10_000  # rows that are folded at a time


def watched(folder: Path) -> list[MonitoredColumn]:
    """The table's columns."""
    schema = pl.read_parquet_schema(folder / "reference.parquet")
    return [
        MonitoredColumn(name, ColumnType.CATEGORY if dtype == pl.String else ColumnType.NUMBER)
        for name, dtype in schema.items()
    ]


def drift(folder: Path, *, at_once: bool) -> None:
    """All seven statistics of every column, from tables in memory, or from the files as `mw monitor compare` does."""
    import scipy.special  # noqa: F401 - as the others' imports, not part of the work

    if at_once:
        columns = watched(folder)
        tables = [pl.read_parquet(folder / f"{side}.parquet") for side in SIDES]
        sides = [{column: table[column.name] for column in columns} for table in tables]
        with Work("drift"):
            found = compare_columns(columns, *sides)
            said = json.dumps([each.record.scores for each in found])
    else:
        with Work("drift"):
            found = compare_tables(*(pl.scan_parquet(folder / f"{side}.parquet") for side in SIDES)).columns
            said = json.dumps([each.record.scores for each in found])
    assert said
    for statistic in ("kolmogorov_smirnov", "chi_square", "psi", "wasserstein", "jensen_shannon"):
        scores = {each.record.column: each.record.scores for each in found}
        keep(statistic, {name: each[statistic] for name, each in scores.items() if statistic in each})
    keep("drifted", {each.record.column: float(each.record.drifted) for each in found})


def fold(folder: Path) -> None:
    """The current table into summaries, piece by piece."""
    from millwright.monitoring.summaries.categorical.grid import CategoricalGrid
    from millwright.monitoring.summaries.numeric.grid import NumericGrid

    columns, table = watched(folder), pl.read_parquet(folder / "reference.parquet")
    grids = {
        column: NumericGrid.of(table[column.name].drop_nulls().to_numpy())
        if column.type is ColumnType.NUMBER
        else CategoricalGrid.of(table[column.name].drop_nulls())
        for column in columns
    }
    current = pl.read_parquet(folder / "current.parquet")
    with Work("fold"):
        kept = {}
        for piece in current.iter_slices(_PIECE):
            for column in columns:
                found = grids[column].count(piece[column.name])
                kept[column] = kept[column].merge(found) if column in kept else found
    keep("cells", {"cells": float(current.height * current.width)})


def estimate(folder: Path) -> None:
    """Expected performance with intervals."""
    from sklearn.isotonic import IsotonicRegression

    from millwright.evaluation.metrics.catalog import get_metric
    from millwright.evaluation.metrics.sample import Sample
    from millwright.models.task import Task
    from millwright.monitoring.estimation.confidence import ConfidenceEstimator

    reference, current = (pl.read_parquet(folder / f"scores_{side}.parquet") for side in SIDES)

    def scores(table: pl.DataFrame) -> np.ndarray:
        return np.column_stack([1 - table["score"].to_numpy(), table["score"].to_numpy()])

    metrics = [get_metric(name) for name in METRICS]
    IsotonicRegression().fit([0.0, 1.0], [0.0, 1.0])  # which imports more of scikit-learn: not part of the work
    with Work("estimate"):
        sample = Sample(
            task=Task.BINARY,
            y_true=reference["label"].to_numpy(),
            y_pred=reference["answer"].to_numpy(),
            scores=scores(reference),
            classes=(0, 1),
        )
        found = ConfidenceEstimator(sample).estimate(current["answer"].to_numpy(), scores(current), metrics)
    keep("estimate", dict(found.metrics))


SIDES = ("reference", "current")
place, work = Path(sys.argv[1]), sys.argv[2]
if work in {"drift", "columns"}:
    drift(place, at_once=work == "drift")
else:
    {"fold": fold, "estimate": estimate}[work](place)
tell()
