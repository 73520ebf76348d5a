from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.models.compile.compilation import compile_model
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.models.model import Model


def test_compilation_is_proven_when_engines_agree(model: Model, frame: pl.DataFrame) -> None:
    compilation = compile_model(model, frame)

    assert compilation.status == "proven"
    assert compilation.onnx
    assert compilation.rows > frame.height
    assert compilation.max_difference < 1e-6
    assert "onnx" not in compilation.to_json()


def test_compilation_of_a_tree_is_proven_on_its_thresholds(tree_model: Model, frame: pl.DataFrame) -> None:
    assert compile_model(tree_model, frame).status == "proven"


def test_compilation_is_refused_with_the_reason_when_there_is_no_converter(
    make_model: Callable[..., Model], frame: pl.DataFrame
) -> None:
    from sklearn.dummy import DummyClassifier

    compilation = compile_model(make_model(DummyClassifier()), frame)

    assert compilation.status == "refused"
    assert compilation.onnx is None
    assert "DummyClassifier" in compilation.reason


def test_compilation_is_refused_when_answers_differ(make_model: Callable[..., Model], frame: pl.DataFrame) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    # An exact copy of a training row gets infinite weight natively and a rounded distance when compiled.
    compilation = compile_model(make_model(KNeighborsClassifier(5, algorithm="brute", weights="distance")), frame)

    assert compilation.status == "refused"
    assert compilation.onnx is None
    assert "differ" in compilation.reason
    assert compilation.max_difference > compilation.tolerance


def test_compilation_is_refused_when_the_tolerance_is_too_strict(model: Model, frame: pl.DataFrame) -> None:
    assert compile_model(model, frame, tolerance=1e-12).status == "refused"


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_compilation_of_a_regression_is_judged_relative_to_its_spread(
    make_model: Callable[..., Model], frame: pl.DataFrame, scale: float
) -> None:
    from sklearn.linear_model import Ridge

    goal = (frame["amount of $"].fill_null(50) * scale).alias("cost")
    compilation = compile_model(make_model(Ridge(), goal=goal, task=Task.REGRESSION), frame)

    assert compilation.status == "proven"
    assert compilation.max_difference < 1e-5


def test_compilation_of_several_classes_is_proven(make_model: Callable[..., Model], frame: pl.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    goal = pl.Series("height", [("low", "middle", "high")[count // 11] for count in frame["floors.count"]])

    assert compile_model(make_model(LogisticRegression(), goal=goal, task=Task.MULTICLASS), frame).status == "proven"


class _Broken:
    """An estimator that converters and engines both fail on."""

    def predict_proba(self, matrix: Any) -> Any:
        raise RuntimeError(matrix)


def test_compilation_never_raises_when_the_estimator_is_broken(model: Model, frame: pl.DataFrame) -> None:
    from dataclasses import replace

    assert compile_model(replace(model, estimator=_Broken()), frame).status == "refused"
