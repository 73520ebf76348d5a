"""Evaluate: what the model is worth on rows that it has never seen."""

from __future__ import annotations

import polars as pl

from millwright.evaluation.evaluate import EvaluationOptions
from millwright.evaluation.evaluate import evaluate as measure
from millwright.evaluation.report import EvaluationReport
from millwright.models.model import Model
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step


@step
def evaluate(ctx: StepContext, model: Model, test: pl.DataFrame, slices: list[str] | None = None) -> EvaluationReport:
    """Measure a model on test rows: metrics with intervals, baseline, slices, importances and curves.

    Args:
        ctx: Given by the runner.
        model: A fitted model.
        test: Rows that it was not trained on, with the target; rows without it are left out.
        slices: Columns by whose values the metrics are also given.
    """
    target = model.signature.target
    rows = test.filter(pl.col(target).is_not_null())
    report = measure(model, rows, options=EvaluationOptions(slices=tuple(slices or ())))
    ctx.note(rows=report.rows, **{name: round(value, 4) for name, value in report.metrics.items()})
    return report
