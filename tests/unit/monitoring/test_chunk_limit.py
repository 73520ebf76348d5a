from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.models.column import ColumnType
from millwright.monitoring import DriftSettings, PerformanceSettings, ReferenceOptions, build_reference, load_reference
from millwright.monitoring.chunk_limit import drift_limits, performance_limits
from millwright.monitoring.monitored_column import MonitoredColumn
from millwright.monitoring.threshold import ThresholdMethod, ThresholdSettings

DAYS, PHASE = MonitoredColumn("days", ColumnType.NUMBER), MonitoredColumn("phase", ColumnType.CATEGORY)
RULE = ThresholdSettings()


def values(rows: int, seed: int) -> dict[MonitoredColumn, pl.Series]:
    generator = np.random.default_rng(seed)
    return {
        DAYS: pl.Series(generator.normal(0, 1, rows)),
        PHASE: pl.Series(generator.choice(["design", "build"], rows)),
    }


def test_limits_are_wide_for_small_windows_and_narrow_for_large_ones():
    reference = values(2_000, 1)
    small, large = (drift_limits(DriftSettings(), RULE, reference, rows).columns for rows in (40, 2_000))
    assert small["days"] > 0.2 > large["days"] > 0
    assert small["phase"] > large["phase"]


def test_limit_that_is_set_for_a_column_stays():
    found = drift_limits(DriftSettings(columns={"days": 0.5}), RULE, values(500, 1), 50)
    assert found.columns["days"] == 0.5
    assert "phase" in found.columns


def test_limits_stay_the_customary_ones_without_a_rule():
    settings = DriftSettings()
    assert drift_limits(settings, None, values(500, 1), 50) is settings


def test_tolerated_loss_is_what_parts_of_the_reference_show(model: Any, draw_rows: Any):
    data = build_reference(
        draw_rows(200, seed=1), model, held_out=draw_rows(2_000, seed=2), options=ReferenceOptions(rows=2_000)
    )
    known = load_reference(data), model.signature
    few, many = (performance_limits(PerformanceSettings(), RULE, known, rows).max_loss for rows in (100, 1_500))
    assert few > 0.1 > many > 0
    assert performance_limits(PerformanceSettings(), RULE, known, 10).max_loss == 0.05
    assert performance_limits(PerformanceSettings(), None, known, 1_000).max_loss == 0.05


def test_constant_limit_holds_for_every_column():
    rule = ThresholdSettings(method=ThresholdMethod.CONSTANT, high=0.3)
    assert drift_limits(DriftSettings(), rule, values(500, 1), 50).columns == pytest.approx({"days": 0.3, "phase": 0.3})


def test_rule_of_a_column_comes_before_that_of_all():
    wide = ThresholdSettings(deviations=10.0)
    found = drift_limits(DriftSettings(rules={"days": wide}), RULE, values(2_000, 1), 100)
    usual = drift_limits(DriftSettings(), RULE, values(2_000, 1), 100)
    assert found.columns["days"] > usual.columns["days"]
    assert found.columns["phase"] == usual.columns["phase"]
    alone = drift_limits(DriftSettings(rules={"days": wide}), None, values(2_000, 1), 100)
    assert set(alone.columns) == {"days"}


def test_limits_from_windows_know_how_much_one_differs_from_the_next():
    # Six windows whose means are not the same: rows drawn from all of them together would not show it.
    generator = np.random.default_rng(1)
    series = pl.Series(np.concatenate([generator.normal(mean, 1, 200) for mean in (0, 0.5, -0.5, 0.2, 0.6, -0.4)]))
    parts = {DAYS: tuple(np.arange(start, start + 200) for start in range(0, 1_200, 200))}
    drawn = drift_limits(DriftSettings(), RULE, {DAYS: series}, 200)
    found = drift_limits(DriftSettings(), RULE, {DAYS: series}, 200, parts=parts)
    assert found.columns["days"] > 2 * drawn.columns["days"]
    by_quantiles = ThresholdSettings(method=ThresholdMethod.QUANTILES)
    assert (
        drift_limits(DriftSettings(), by_quantiles, {DAYS: series}, 200, parts=parts).columns["days"]
        >= drift_limits(DriftSettings(), by_quantiles, {DAYS: series}, 200).columns["days"]
    )
