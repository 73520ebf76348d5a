"""A challenger with its evidence, to be changed by each test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from millwright.evaluation.gates.subject import GateSubject
from millwright.evaluation.report import EvaluationReport, Importance, SliceResult
from millwright.models.task import Task

if TYPE_CHECKING:
    import polars as pl

SubjectFactory = Callable[..., GateSubject]

REPORT = EvaluationReport(
    task=Task.BINARY,
    rows=400,
    target="late",
    positive="yes",
    metrics={"roc_auc": 0.86, "brier": 0.15, "accuracy": 0.8},
    intervals={"roc_auc": (0.82, 0.9), "brier": (0.13, 0.17)},
    baseline={"roc_auc": 0.5, "brier": 0.25, "accuracy": 0.55},
    slices=(
        SliceResult(column="borough", value="X", rows=200, metrics={"accuracy": 0.85, "brier": 0.12}),
        SliceResult(column="borough", value="Y", rows=150, metrics={"accuracy": 0.7, "brier": 0.2}),
        SliceResult(column="phase", value="Design", rows=20, metrics={"accuracy": 0.4, "brier": 0.4}),
    ),
    importances=(
        Importance(column="signal", mean=0.3, std=0.01),
        Importance(column="noise", mean=0.1, std=0.01),
        Importance(column="borough", mean=-0.02, std=0.01),
    ),
    importance_metric="roc_auc",
)


@pytest.fixture
def report() -> EvaluationReport:
    return REPORT


@pytest.fixture
def make_subject(binary_model: Any, binary_test: pl.DataFrame) -> SubjectFactory:
    def make(**changes: Any) -> GateSubject:
        return GateSubject(**{"challenger": binary_model, "report": REPORT, "test": binary_test, **changes})

    return make
