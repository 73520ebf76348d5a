from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.estimation import WindowEstimator, window_estimator
from millwright.monitoring.reference import Reference, ReferencePart


def drawn(rows: int, *, seed: int, shift: float = 0.0) -> ReferencePart:
    """A regression that errs the more the larger `size` is."""
    generator = np.random.default_rng(seed)
    size = generator.gamma(3, 1, rows) + shift
    truth = 10 * size + generator.normal(0, 1, rows) * size
    outputs = pl.DataFrame({"prediction": 10 * size})
    return ReferencePart(
        inputs=pl.DataFrame({"size": size}), outputs=outputs, labels=pl.Series("label", truth), total_rows=rows
    )


def signature() -> Signature:
    part = drawn(100, seed=0)
    return Signature.infer(part.inputs, part.labels.alias("cost"), Task.REGRESSION)


def test_regression_is_estimated_from_rows_that_were_answered():
    part, window = drawn(3_000, seed=1), drawn(2_000, seed=2, shift=1.0)
    known = WindowEstimator(Reference(training=part, held_out=part, metrics={}), signature())
    outputs = window.outputs.with_columns(pl.when(pl.int_range(pl.len()) > 99).then(pl.col("prediction")))
    found = known.estimate(window.inputs, outputs)
    assert found is not None
    assert found.rows == 1_900
    realised = (window.labels - window.outputs["prediction"]).abs()[100:].mean()
    assert found.metrics["mae"] == pytest.approx(realised, rel=0.1)


def test_nothing_is_estimated_when_nothing_was_answered():
    part = drawn(500, seed=1)
    known = WindowEstimator(Reference(training=part, held_out=part, metrics={}), signature())
    assert known.estimate(part.inputs, pl.DataFrame({"prediction": pl.Series([None] * 500, dtype=pl.Float64)})) is None


def test_there_is_no_estimator_and_a_reason_when_no_rows_were_held_out():
    part = drawn(500, seed=1)
    found, why_not = window_estimator(Reference(training=part, held_out=None, metrics={}), signature())
    assert found is None
    assert why_not.startswith("Performance is not estimated: Expected labelled rows")
