from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.embedding import EmbeddingSettings, compare_tensors

if TYPE_CHECKING:
    from millwright.monitoring.drift import ColumnDrift

QUICK = EmbeddingSettings(classify=False)
SIGNATURE = Signature(
    inputs=(
        SignatureColumn(name="embedding", type=ColumnType.TENSOR, dtype="float32", shape=(48,)),
        SignatureColumn(name="days", type=ColumnType.NUMBER),
    ),
    outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
    task=Task.REGRESSION,
    target="cost",
)


def drawn(rows: int, *, seed: int, shift: float = 0.0, spread: float = 1.0) -> pl.DataFrame:
    """Embeddings with a direction that all share, and `shift` along another one."""
    generator = np.random.default_rng(seed)
    values = generator.normal(0, spread, (rows, 48)) + np.repeat([2.0, shift], [4, 44])
    return pl.DataFrame({"embedding": values.astype(np.float32), "days": generator.random(rows)})


def compared(current: pl.DataFrame, settings: EmbeddingSettings = QUICK) -> ColumnDrift:
    (found,) = compare_tensors(drawn(1_000, seed=1), current, SIGNATURE, settings)
    return found


def test_shifted_embeddings_have_drifted():
    record = compared(drawn(300, seed=2, shift=0.5)).record
    assert record.drifted
    assert (record.column, record.kind, record.statistic) == ("embedding", "tensor", "mean_shift")
    assert record.scores["mean_shift"] == pytest.approx(0.5 * np.sqrt(44 / 48), abs=0.05)
    assert set(record.scores) == {"mean_shift", "cosine", "mmd"}
    assert (record.reference_rows, record.current_rows) == (1_000, 300)


@pytest.mark.parametrize("rows", [60, 400])
def test_no_drift_is_found_in_windows_of_the_same_population(rows: int):
    found = [compared(drawn(rows, seed=seed)) for seed in range(20, 24)]
    assert not any(each.record.drifted for each in found)


def test_shift_that_is_tolerated_is_what_parts_of_the_reference_differ_by():
    few, many = compared(drawn(60, seed=3)).record, compared(drawn(1_000, seed=3)).record
    assert 0.14 < few.threshold < 0.25  # means of 60 rows are √(1/60 + 1/940) = 0.13 apart
    assert many.threshold == 0.1


def test_spread_that_changes_is_told_by_the_domain_classifier():
    record = compared(drawn(250, seed=4, spread=1.6), EmbeddingSettings(sample=250)).record
    assert record.drifted
    assert (record.statistic, record.threshold) == ("domain_auc", 0.6)
    assert record.scores["domain_auc"] > 0.7


def test_bins_hold_distances_from_the_references_mean():
    bins = compared(drawn(300, seed=5, spread=2.0)).bins
    assert (bins.reference.sum(), bins.current.sum()) == (1_000, 300)
    assert bins.current[-2] > 280


@pytest.mark.parametrize("settings", [EmbeddingSettings(enabled=False), EmbeddingSettings(min_rows=301)])
def test_nothing_is_compared_when_it_is_off_or_rows_are_few(settings: EmbeddingSettings):
    assert compare_tensors(drawn(1_000, seed=1), drawn(300, seed=2), SIGNATURE, settings) == []


def test_column_that_the_window_lacks_is_left_out():
    assert compare_tensors(drawn(100, seed=1), drawn(100, seed=2).drop("embedding"), SIGNATURE) == []
