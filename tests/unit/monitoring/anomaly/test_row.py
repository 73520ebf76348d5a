from __future__ import annotations

import sys
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.core.ids import PredictionId
from millwright.models.conform import conform
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.anomaly import AnomalySettings, RowAnomalies, compare_rows, learn_rows


@pytest.fixture
def signature(draw_rows: Any) -> Signature:
    frame = draw_rows(500, seed=9)
    return Signature.infer(frame.drop("late"), frame["late"], Task.BINARY)


def compared(
    current: pl.DataFrame, reference: pl.DataFrame, signature: Signature, settings: AnomalySettings | None = None
) -> RowAnomalies | None:
    ids = [PredictionId(f"p{number}") for number in range(current.height)]
    known = learn_rows(conform(reference, signature), signature, settings)
    return compare_rows(known, conform(current, signature), ids, settings)


def test_odd_rows_are_named_with_what_is_odd_in_them(draw_rows: Any, signature: Signature):
    frame = draw_rows(300, seed=3).with_columns(
        days=pl.when(pl.int_range(pl.len()) % 10 == 0).then(900.0).otherwise(pl.col("days"))
    )
    found = compared(frame, draw_rows(2_000, seed=1), signature)
    assert found is not None
    assert found.risen
    assert found.share == pytest.approx(0.1, abs=0.03)
    assert found.method == "isolation forest and tails"
    assert found.rows == (2_000, 300)
    assert len(found.examples) == 10
    for row in found.examples:
        assert int(row.prediction_id[1:]) % 10 == 0
        assert row.features[0].name == "days"
        assert row.score > 1


def test_shares_of_odd_rows_are_the_expected_one_when_nothing_changed(draw_rows: Any, signature: Signature):
    reference = draw_rows(2_000, seed=1)
    found = [compared(draw_rows(400, seed=seed), reference, signature) for seed in range(50, 54)]
    assert not any(each is None or each.risen for each in found)
    assert np.mean([each.share for each in found if each]) == pytest.approx(0.01, abs=0.01)


def test_odd_rows_are_found_by_their_tails_without_scikit_learn(
    draw_rows: Any, signature: Signature, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    frame = draw_rows(200, seed=3).with_columns(phase=pl.lit("Demolition"), urgent=pl.lit(None, dtype=pl.Boolean))
    found = compared(frame, draw_rows(2_000, seed=1), signature)
    assert found is not None
    assert (found.method, found.risen) == ("tails", True)
    assert {feature.name for feature in found.examples[0].features} >= {"phase", "urgent"}


def test_large_windows_are_drawn_from(draw_rows: Any, signature: Signature):
    settings = AnomalySettings(sample=400, examples=2)
    found = compared(draw_rows(1_000, seed=2), draw_rows(1_000, seed=1), signature, settings)
    assert found is not None
    assert found.rows == (400, 400)
    assert len(found.examples) <= 2


@pytest.mark.parametrize(
    ("rows", "reference", "settings"),
    [(49, 2_000, {}), (100, 199, {}), (100, 2_000, {"enabled": False})],
)
def test_nothing_is_compared_when_it_is_off_or_rows_are_few(
    rows: int, reference: int, settings: dict[str, Any], draw_rows: Any, signature: Signature
):
    chosen = AnomalySettings(**settings)
    assert compared(draw_rows(rows), draw_rows(reference, seed=1), signature, chosen) is None
