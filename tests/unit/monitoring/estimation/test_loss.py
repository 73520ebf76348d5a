from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.interval import BootstrapOptions
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.estimation import LossEstimator


def drawn(rows: int, *, shift: float = 0.0, steep: float = 0.3, seed: int = 1):
    """A model that errs the more the larger `size` is, and twice as much in the north."""
    generator = np.random.default_rng(seed)
    size, north = generator.gamma(3, 1, rows) + shift, generator.random(rows) < steep
    said = 10 * size
    truth = said + generator.normal(0, 1, rows) * size * np.where(north, 2.0, 1.0)
    return pl.DataFrame({"size": size, "region": np.where(north, "north", "south")}), said, truth


def estimator(rows: int = 5_000) -> LossEstimator:
    inputs, said, truth = drawn(rows)
    return LossEstimator(inputs, said, truth, Signature.infer(inputs, pl.Series("cost", truth), Task.REGRESSION))


@pytest.fixture(scope="module")
def known() -> LossEstimator:
    return estimator()


@pytest.mark.parametrize(("shift", "steep"), [(0.0, 0.3), (1.0, 0.3), (0.0, 0.9)])
def test_estimate_is_what_labels_show_later_when_only_the_inputs_moved(
    known: LossEstimator, shift: float, steep: float
):
    inputs, said, truth = drawn(20_000, shift=shift, steep=steep, seed=2)
    found = known.estimate(inputs, said, BootstrapOptions(draws=100))
    assert found.metrics["mae"] == pytest.approx(np.abs(truth - said).mean(), rel=0.06)
    assert found.metrics["rmse"] == pytest.approx(np.sqrt(((truth - said) ** 2).mean()), rel=0.1)
    assert found.method == "DLE"


def test_intervals_hold_what_labels_show_later_about_as_often_as_they_say(known: LossEstimator):
    held = []
    for seed in range(60):
        inputs, said, truth = drawn(300, seed=100 + seed)
        low, high = known.estimate(inputs, said, BootstrapOptions(draws=200)).intervals["mae"]
        held.append(low <= np.abs(truth - said).mean() <= high)
    assert 0.88 <= np.mean(held) <= 0.995


def test_intervals_are_as_wide_where_each_labelled_row_stands_twice():
    generator = np.random.default_rng(1)
    noise = {f"noise_{number}": generator.normal(size=200) for number in range(4)}
    inputs, said, truth = drawn(200)
    inputs = inputs.with_columns(**{name: pl.Series(values) for name, values in noise.items()})
    signature = Signature.infer(inputs, pl.Series("cost", truth), Task.REGRESSION)
    once = LossEstimator(inputs, said, truth, signature)
    twice = LossEstimator(pl.concat([inputs, inputs]), np.tile(said, 2), np.tile(truth, 2), signature)
    widths = []
    for each in (once, twice):
        low, high = each.estimate(inputs, said, BootstrapOptions(draws=1_000)).intervals["mae"]
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0], rel=0.15)  # 0.6 of it, were errors told by models that know the copies


def test_few_labelled_rows_are_refused():
    with pytest.raises(InvalidInputError, match="at least 100 labelled rows"):
        estimator(99)
