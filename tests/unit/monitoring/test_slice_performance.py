from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.errors import InvalidInputError
from millwright.evaluation.interval import BootstrapOptions, confidence_intervals
from millwright.evaluation.metrics.catalog import get_metric
from millwright.monitoring.labelled import label_series, labelled_sample
from millwright.monitoring.monitored_column import output_frame
from millwright.monitoring.performance import PerformanceSettings
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.slice_performance import LabelledRows, SliceSettings, measure_slices


def labelled(model: Any, frame: pl.DataFrame, *, known: float = 1.0) -> LabelledRows:
    labels = label_series(frame["late"], model.signature)
    hidden = pl.Series(np.random.default_rng(0).random(frame.height) >= known)
    return LabelledRows(
        inputs=frame.drop("late"),
        outputs=output_frame(model.predict(frame).to_dicts(), model.signature),
        labels=labels.set(hidden, None),
    )


def spoilt(frame: pl.DataFrame, phase: str) -> pl.DataFrame:
    """Labels of one phase are noise."""
    noise = pl.Series(np.random.default_rng(7).integers(0, 2, frame.height))
    return frame.with_columns(late=pl.when(pl.col("phase") == phase).then(noise).otherwise(pl.col("late")))


def measure(model: Any, rows: LabelledRows, known: LabelledRows, **slices: Any) -> Any:
    settings = MonitorSettings(slices=SliceSettings(**slices))
    return measure_slices(rows, known, model.signature, settings, metric="roc_auc")


def test_the_slice_that_was_lost_is_told_with_numbers_as_scikit_learn_has_them(model: Any, draw_rows: Any):
    frame = spoilt(draw_rows(2000, seed=3), "Design")
    known = labelled(model, draw_rows(3000, seed=2))
    found = measure(model, labelled(model, frame), known, columns=("phase",))
    assert {(part.column, part.value) for part in found if part.lost} == {("phase", "Design")}
    design = next(part for part in found if part.value == "Design")
    rows = frame.filter(pl.col("phase") == "Design")
    expected = roc_auc_score(rows["late"], model.predict(rows)["probability"])
    assert design.current == pytest.approx(expected)
    assert (design.rows, design.labelled_rows, design.coverage) == (rows.height, rows.height, 1.0)
    assert design.interval[0] < design.current < design.interval[1]
    assert design.gain_interval[1] < -design.limit
    assert {part.column for part in measure(model, labelled(model, frame), known)} == {"phase", "urgent"}  # suggested


def test_no_slice_is_lost_in_50_windows_that_are_like_the_reference(model: Any, draw_rows: Any):
    known = labelled(model, draw_rows(1500, seed=2))
    lost = [
        part
        for seed in range(100, 150)
        for part in measure(model, labelled(model, draw_rows(400, seed=seed)), known, columns=("phase", "days"))
        if part.lost
    ]
    assert lost == []


def test_the_interval_is_about_that_of_the_bootstrap(model: Any, draw_rows: Any):
    rows = labelled(model, draw_rows(20_000, seed=3))
    part = next(
        each for each in measure(model, rows, labelled(model, draw_rows(500, seed=2)), columns=("phase",))
        if each.value == "Construction"
    )  # fmt: skip
    inside = rows.inputs["phase"] == "Construction"
    sample = labelled_sample(rows.outputs.filter(inside), rows.labels.filter(inside), model.signature)
    assert sample is not None
    assert part.labelled_rows == sample.rows > 5_000  # more than is drawn from
    low, high = confidence_intervals(sample, [get_metric("roc_auc")], BootstrapOptions(draws=400))["roc_auc"]
    assert part.interval[1] - part.interval[0] == pytest.approx(high - low, rel=0.25)


def test_numbers_are_cut_alike_on_both_sides(model: Any, draw_rows: Any):
    found = measure(model, labelled(model, draw_rows(800, seed=3, days=140)), labelled(model, draw_rows(3000, seed=2)),
                    columns=("days",))  # fmt: skip
    assert len(found) == 4
    assert sum(part.rows for part in found) == 800
    assert found[-1].rows > 500


def test_coverage_is_that_of_the_slice(model: Any, draw_rows: Any):
    found = measure(model, labelled(model, draw_rows(2000, seed=3), known=0.5), labelled(model, draw_rows(900, seed=2)))
    assert all(part.coverage == pytest.approx(0.5, abs=0.1) for part in found)


def test_small_slices_are_not_judged(model: Any, draw_rows: Any):
    found = measure(model, labelled(model, draw_rows(100, seed=3)), labelled(model, draw_rows(900, seed=2)))
    closeout = [part for part in found if part.labelled_rows < 50]
    assert closeout
    assert all(part.current is None and part.p_value is None and not part.lost for part in closeout)


def test_slices_are_none_with_too_few_labels(model: Any, draw_rows: Any):
    assert measure(model, labelled(model, draw_rows(40)), labelled(model, draw_rows(900, seed=2))) == ()


def test_settings_name_the_closest_column(model: Any, draw_rows: Any):
    with pytest.raises(InvalidInputError, match=r"no column 'fase'.*phase"):
        measure(model, labelled(model, draw_rows(60)), labelled(model, draw_rows(60)), columns=("fase",))
    with pytest.raises(InvalidInputError, match="at least 2 labelled rows"):
        SliceSettings(min_labels=1)
    assert PerformanceSettings().max_loss == 0.05


def test_slice_with_a_few_rows_of_one_class_is_not_judged(model: Any, draw_rows: Any):
    def nearly_all_late(frame: pl.DataFrame, others: int) -> pl.DataFrame:
        design = pl.col("phase") == "Design"
        punctual = design & (design.cum_sum() <= others)
        return frame.with_columns(late=pl.when(punctual).then(0).when(design).then(1).otherwise(pl.col("late")))

    known = labelled(model, draw_rows(1500, seed=2))
    for others, judged in ((9, False), (10, True)):
        rows = labelled(model, nearly_all_late(draw_rows(600, seed=3), others))
        (design,) = [part for part in measure(model, rows, known, columns=("phase",)) if part.value == "Design"]
        assert (design.current is not None) == judged
        assert (design.gain is not None) == judged
