from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.evaluate import EvaluationOptions, evaluate
from millwright.evaluation.report import Confusion, EvaluationReport
from millwright.evaluation.summary import summary_markdown
from millwright.models.task import Task

if TYPE_CHECKING:
    import polars as pl


def test_summary_tells_metrics_confusion_slices_importances_and_notes(binary_model: Any, binary_test: pl.DataFrame):
    baseline = BaselinePrediction(priors=(0.5, 0.5))
    report = evaluate(
        binary_model, binary_test.head(90), options=EvaluationOptions(slices=("borough",), baseline=baseline)
    )

    text = summary_markdown(report)

    assert "Tested on 90 rows that the model had not seen. It predicts late (two classes)." in text
    assert "| Metric | Value | 95 % interval | Baseline |" in text
    assert "| True class | predicted no | predicted yes |" in text
    assert "| borough | X |" in text
    assert "| signal |" in text
    assert "- Only 90 rows were tested" in text


def test_summary_of_numbers_puts_the_largest_error_first(regression_model: Any, regression_test: pl.DataFrame):
    report = evaluate(regression_model, regression_test, options=EvaluationOptions(slices=("crew",), draws=0))

    text = summary_markdown(report)

    worst = max(report.slices, key=lambda part: part.metrics["rmse"])
    first = text.split("| Column | Value | Rows | RMSE |\n| --- | --- | --- | --- |\n")[1].splitlines()[0]
    assert first.startswith(f"| crew | {worst.value} |")


def test_summary_keeps_names_from_becoming_mark_up():
    report = EvaluationReport(
        task=Task.BINARY,
        rows=3,
        target="a|b\n*c* [x](y) <script>",
        metrics={"accuracy": 0.5},
        confusion=Confusion(labels=("`no`", "yes"), matrix=((1, 1), (0, 1))),
    )

    text = summary_markdown(report)

    assert r"a\|b \*c\* \[x\](y) \<script\>" in text
    assert r"predicted \`no\`" in text


def test_summary_leaves_out_what_is_not_known():
    report = EvaluationReport(task=Task.REGRESSION, rows=1, target="y", metrics={"mae": 2.0})

    assert summary_markdown(report).endswith("| MAE | 2 | - | - |\n")
    assert summary_markdown(replace(report, metrics={})).count("|") == 10
