"""Small models that answer by a formula, so that a test knows what must come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.models.signature import Signature
from millwright.models.task import Task

Formula = Callable[[pl.DataFrame], np.ndarray]


class FormulaModel:
    """Both a model and a predictor; the formula gives (n, k) probabilities or (n,) numbers."""

    engine = "formula"

    def __init__(self, signature: Signature, formula: Formula, training: Mapping[str, Any] | None = None) -> None:
        self.signature = signature
        self.training = dict(training or {})
        self._formula = formula

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        values = self._formula(frame)
        if self.signature.task is Task.REGRESSION:
            return pl.DataFrame({"prediction": values})
        names = [column.name for column in self.signature.outputs[1:]]
        labels = pl.Series("prediction", self.signature.classes).gather(values.argmax(axis=1))
        shown = values[:, 1:] if len(names) == 1 else values
        return pl.DataFrame([labels, *(pl.Series(name, shown[:, i]) for i, name in enumerate(names))])

    predict_frame = predict

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return self.predict(pl.DataFrame(rows)).to_dicts()


def two_columns(p: np.ndarray) -> np.ndarray:
    return np.column_stack([1 - p, p])


def make_binary(rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """`signal` decides the outcome, `noise` does not; borough Z is rare, some boroughs are missing."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=rows)
    late = rng.random(rows) < 1 / (1 + np.exp(-2 * signal))
    borough = rng.choice(np.array(["X", "Y", "Z", None], dtype=object), rows, p=[0.5, 0.4, 0.03, 0.07])
    return pl.DataFrame(
        {
            "signal": signal,
            "noise": rng.normal(size=rows),
            "borough": pl.Series(borough.tolist(), dtype=pl.String),
            "late": ["yes" if flag else "no" for flag in late],
        }
    )


def sigmoid_model(frame: pl.DataFrame, slope: float = 2.0) -> FormulaModel:
    signature = Signature.infer(frame.drop("late"), frame["late"], Task.BINARY)
    return FormulaModel(signature, lambda rows: two_columns(1 / (1 + np.exp(-slope * rows["signal"].to_numpy()))))


@pytest.fixture
def binary_test() -> pl.DataFrame:
    return make_binary()


@pytest.fixture
def binary_model(binary_test: pl.DataFrame) -> FormulaModel:
    return sigmoid_model(binary_test)


@pytest.fixture
def multiclass_test() -> pl.DataFrame:
    rng = np.random.default_rng(1)
    return pl.DataFrame({"x": rng.normal(size=300), "kind": rng.choice(["a", "b", "c"], 300)})


@pytest.fixture
def multiclass_model(multiclass_test: pl.DataFrame) -> FormulaModel:
    signature = Signature.infer(multiclass_test.drop("kind"), multiclass_test["kind"], Task.MULTICLASS)

    def formula(frame: pl.DataFrame) -> np.ndarray:
        x = frame["x"].to_numpy()
        raw = np.exp(np.column_stack([x, -x, np.zeros_like(x)]))
        return raw / raw.sum(axis=1, keepdims=True)

    return FormulaModel(signature, formula)


@pytest.fixture
def regression_test() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    days, crew = rng.uniform(0, 100, 300), rng.integers(1, 6, 300)
    return pl.DataFrame({"days": days, "crew": crew, "cost": 10 * days + rng.normal(0, 20, 300)})


@pytest.fixture
def regression_model(regression_test: pl.DataFrame) -> FormulaModel:
    signature = Signature.infer(regression_test.drop("cost"), regression_test["cost"], Task.REGRESSION)
    return FormulaModel(signature, lambda frame: 10 * frame["days"].to_numpy())
