from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.errors import InvalidInputError
from millwright.evaluation import interval
from millwright.evaluation.interval import BootstrapOptions, confidence_intervals
from millwright.evaluation.metrics.catalog import get_metric
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring import performance
from millwright.monitoring.labelled import label_series, labelled_sample
from millwright.monitoring.monitored_column import output_frame
from millwright.monitoring.performance import PerformanceSettings, measure_performance
from millwright.monitoring.reference import build_reference, load_reference
from millwright.monitoring.threshold import Limits


@pytest.fixture
def reference(model: Any, draw_rows: Any) -> Any:
    return load_reference(build_reference(draw_rows(100, seed=1), model, held_out=draw_rows(2000, seed=2)))


def measure(model: Any, frame: pl.DataFrame, reference: Any, labels: Any = None, **settings: Any) -> Any:
    outputs = output_frame(model.predict(frame).to_dicts(), model.signature)
    truth = label_series(frame["late"] if labels is None else labels, model.signature)
    settings.setdefault("bootstrap", BootstrapOptions(draws=200))
    return measure_performance(outputs, truth, reference, model.signature, PerformanceSettings(**settings))


def test_performance_is_lost_when_labels_are_noise(model: Any, draw_rows: Any, reference: Any):
    frame = draw_rows(600, seed=3, flip=0.35)
    found = measure(model, frame, reference)
    assert found.degraded
    assert found.metric == "roc_auc"
    assert found.metrics["roc_auc"] == pytest.approx(roc_auc_score(frame["late"], model.predict(frame)["probability"]))
    assert found.gain == pytest.approx(found.metrics["roc_auc"] - found.reference["roc_auc"])
    low, high = found.gain_interval
    assert low < found.gain < high < 0
    assert found.intervals["accuracy"][0] < found.metrics["accuracy"] < found.intervals["accuracy"][1]


def test_performance_is_kept_when_the_window_is_like_the_reference(model: Any, draw_rows: Any, reference: Any):
    assert not any(measure(model, draw_rows(300, seed=seed), reference).degraded for seed in range(10, 30))


def test_performance_is_kept_when_the_loss_is_within_the_limit(model: Any, draw_rows: Any, reference: Any):
    found = measure(model, draw_rows(2000, seed=3, flip=0.1), reference, max_loss=0.3)
    assert found.gain_interval[1] < 0
    assert not found.degraded


def test_performance_decides_nothing_on_too_few_labels(model: Any, draw_rows: Any, reference: Any):
    found = measure(model, draw_rows(40, seed=3, flip=0.5), reference)
    assert found.labelled_rows == 40
    assert found.metrics
    assert found.gain is None
    assert not found.degraded


def test_performance_counts_only_labelled_rows(model: Any, draw_rows: Any, reference: Any):
    frame = draw_rows(100, seed=3)
    found = measure(model, frame, reference, labels=[None] * 40 + frame["late"].to_list()[40:])
    assert found.labelled_rows == 60


def test_performance_is_empty_without_labels(model: Any, draw_rows: Any, reference: Any):
    found = measure(model, draw_rows(100), reference, labels=[None] * 100)
    assert (found.labelled_rows, found.metrics, found.degraded) == (0, {}, False)
    assert found.reference == reference.metrics


def test_performance_takes_the_recorded_value_for_exact_when_no_row_was_kept(model: Any, draw_rows: Any):
    unlabelled = build_reference(draw_rows(100).drop("late"), model)
    reference = load_reference(unlabelled)
    recorded = type(reference)(training=reference.training, held_out=None, metrics={"roc_auc": 0.99})
    found = measure(model, draw_rows(400, seed=3), recorded)
    assert found.degraded
    assert found.reference == {"roc_auc": 0.99}


def test_performance_of_numbers_is_lost_when_the_error_grows_by_a_share():
    class Line:
        signature = Signature.infer(
            pl.DataFrame({"x": [0.0, 1.0]}), pl.Series("y", [0.0, 1.0], dtype=pl.Float64), Task.REGRESSION
        )

        def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
            return pl.DataFrame({"prediction": frame["x"]})

    def rows(noise: float, seed: int) -> pl.DataFrame:
        generator = np.random.default_rng(seed)
        x = generator.normal(size=500)
        return pl.DataFrame({"x": x, "late": x + generator.normal(0, noise, 500), "y": x})

    def held(noise: float, seed: int) -> pl.DataFrame:
        return rows(noise, seed).with_columns(y=pl.col("late"))

    line = Line()
    reference = load_reference(build_reference(held(1.0, 1), line, held_out=held(1.0, 2)))
    worse = measure(line, rows(1.5, 3), reference)
    assert worse.metric == "rmse"
    assert worse.limit == pytest.approx(0.1 * reference.metrics["rmse"])
    assert worse.gain < 0
    assert worse.degraded
    assert not measure(line, rows(1.0, 4), reference).degraded


def test_performance_refuses_a_metric_that_is_not_of_the_task(model: Any, draw_rows: Any, reference: Any):
    with pytest.raises(InvalidInputError, match="rmse"):
        measure(model, draw_rows(100), reference, metric="rmse")


def test_settings_refuse_a_negative_limit():
    with pytest.raises(InvalidInputError, match="limits of 0 or more"):
        PerformanceSettings(max_loss=-0.1)


def test_limit_is_a_share_of_the_reference_when_the_metric_has_a_unit():
    settings = PerformanceSettings(max_loss=0.02, max_relative_loss=0.5)
    assert settings.limit(get_metric("accuracy"), 0.9) == 0.02
    assert settings.limit(get_metric("rmse"), 4.0) == 2.0


def test_intervals_of_many_rows_are_about_those_of_draws_from_all(model: Any, draw_rows: Any, reference: Any):
    frame = draw_rows(30_000, seed=3, flip=0.2)
    found = measure(model, frame, reference)
    outputs = output_frame(model.predict(frame).to_dicts(), model.signature)
    sample = labelled_sample(outputs, label_series(frame["late"], model.signature), model.signature)
    metrics = [get_metric("roc_auc"), get_metric("accuracy")]
    for name, (low, high) in confidence_intervals(sample, metrics, BootstrapOptions(draws=200)).items():
        assert found.intervals[name][1] - found.intervals[name][0] == pytest.approx(high - low, rel=0.25)
        assert found.intervals[name][0] < found.metrics[name] < found.intervals[name][1]


def test_draws_of_the_reference_are_made_once(
    model: Any, draw_rows: Any, reference: Any, monkeypatch: pytest.MonkeyPatch
):
    first = measure(model, draw_rows(300, seed=3), reference)
    rows = []

    def drawn_values(sample: Any, *more: Any) -> Any:
        rows.append(sample.rows)
        return interval.drawn_values(sample, *more)

    monkeypatch.setattr(performance, "drawn_values", drawn_values)
    assert measure(model, draw_rows(300, seed=3), reference) == first
    assert rows == [300]


def test_metrics_are_judged_by_limits_of_their_own(model: Any, draw_rows: Any, reference: Any):
    limits = {"recall": Limits(low=0.99, high=None), "log_loss": Limits(low=None, high=10.0)}
    found = measure(model, draw_rows(300, seed=3), reference, limits=limits)
    assert not found.degraded
    assert set(found.judged) == {"recall", "log_loss"}
    assert found.judged["recall"].value == found.metrics["recall"]
    assert list(found.broken) == ["recall"]
    assert measure(model, draw_rows(40, seed=3), reference, limits=limits).judged == {}  # too few labels


def test_limit_of_a_metric_of_another_task_is_refused(model: Any, draw_rows: Any, reference: Any):
    with pytest.raises(InvalidInputError, match=r"'rmse' is not one of a binary task.*Known: .*roc_auc"):
        measure(model, draw_rows(300, seed=3), reference, limits={"rmse": Limits(low=None, high=1.0)})
