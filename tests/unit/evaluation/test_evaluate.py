from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.evaluate import EvaluationOptions, evaluate
from millwright.evaluation.metrics import classification, regression
from millwright.evaluation.report import EvaluationReport
from millwright.models.task import Task

BASELINE = BaselinePrediction(priors=(0.6, 0.4))


def test_evaluate_reports_everything_about_two_classes(binary_model: Any, binary_test: pl.DataFrame):
    options = EvaluationOptions(slices=("borough",), baseline=BASELINE)

    report = evaluate(binary_model, binary_test, options=options)

    answers = binary_model.predict(binary_test)
    expected = classification.all(
        binary_test["late"], answers["prediction"], answers["probability"], classes=("no", "yes")
    )
    assert report.task is Task.BINARY
    assert (report.rows, report.target, report.positive) == (400, "late", "yes")
    assert report.metrics == pytest.approx(expected)
    assert report.metrics["roc_auc"] > 0.8
    assert report.baseline["roc_auc"] == 0.5
    assert report.baseline["recall"] == 0.0
    assert set(report.intervals) == set(report.metrics)
    assert report.confusion is not None
    assert report.confusion.labels == ("no", "yes")
    assert sum(map(sum, report.confusion.matrix)) == 400
    assert list(report.classification_report) == ["no", "yes", "macro avg", "weighted avg"]
    assert {result.value for result in report.slices} == {"X", "Y", "Z", "(missing)"}
    assert report.importances[0].column == "signal"
    assert set(report.curves) == {"roc", "precision_recall", "calibration"}
    assert report.notes == ()


def test_evaluate_reports_everything_about_several_classes(multiclass_model: Any, multiclass_test: pl.DataFrame):
    report = evaluate(multiclass_model, multiclass_test)

    assert report.task is Task.MULTICLASS
    assert report.positive == ""
    assert len(report.curves["roc"]) == 3
    assert "macro" in report.notes[0]


def test_evaluate_reports_everything_about_numbers(regression_model: Any, regression_test: pl.DataFrame):
    options = EvaluationOptions(slices=("crew",), baseline=BaselinePrediction(mean=500.0))

    report = evaluate(regression_model, regression_test, options=options)

    truth, said = regression_test["cost"], regression_model.predict(regression_test)["prediction"]
    assert report.metrics == pytest.approx(regression.all(truth, said))
    assert report.metrics["rmse"] < report.baseline["rmse"]
    assert report.confusion is None
    assert report.classification_report == {}
    assert set(report.curves) == {"predicted_actual", "residuals"}
    assert report.importance_metric == "rmse"
    assert len(report.slices) == 5


def test_evaluate_gives_the_same_bytes_for_the_same_rows_and_seed(binary_model: Any, binary_test: pl.DataFrame):
    first, second, other = (
        evaluate(binary_model, binary_test, options=EvaluationOptions(seed=seed)) for seed in (1, 1, 2)
    )

    assert first.to_json() == second.to_json() != other.to_json()
    assert EvaluationReport.from_json(first.to_json()) == first


def test_evaluate_takes_the_baseline_from_the_models_training_record(binary_model: Any, binary_test: pl.DataFrame):
    binary_model.training["baseline_prediction"] = BASELINE.to_json()

    report = evaluate(binary_model, binary_test)

    assert report.baseline == evaluate(binary_model, binary_test, options=EvaluationOptions(baseline=BASELINE)).baseline


def test_evaluate_has_no_baseline_when_nobody_knows_one(binary_model: Any, binary_test: pl.DataFrame):
    assert evaluate(binary_model, binary_test).baseline == {}


def test_evaluate_skips_what_is_not_asked_for(binary_model: Any, binary_test: pl.DataFrame):
    report = evaluate(binary_model, binary_test, options=EvaluationOptions(draws=0, repeats=0))

    assert report.intervals == {}
    assert report.importances == ()


def test_evaluate_leaves_out_unlabelled_rows_and_says_so(binary_model: Any, binary_test: pl.DataFrame):
    unlabelled = binary_test.head(10).with_columns(late=pl.lit(None, dtype=pl.String))

    report = evaluate(binary_model, pl.concat([unlabelled, binary_test[10:]]))

    assert report.rows == 390
    assert "10 test rows without a value in 'late'" in report.notes[0]


def test_evaluate_warns_about_few_rows(binary_model: Any, binary_test: pl.DataFrame):
    assert "Only 30 rows" in evaluate(binary_model, binary_test.head(30)).notes[0]


def test_evaluate_counts_classes_the_model_never_saw_as_wrong(multiclass_model: Any, multiclass_test: pl.DataFrame):
    unseen = multiclass_test.with_columns(pl.lit("z").alias("kind"))

    report = evaluate(multiclass_model, pl.concat([multiclass_test, unseen]))

    assert report.metrics["accuracy"] < 0.5
    assert "never saw (z)" in report.notes[0]


def test_evaluate_never_shows_the_target_to_the_model(binary_model: Any, binary_test: pl.DataFrame):
    seen: list[str] = []

    class Nosy:
        signature = binary_model.signature

        def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
            seen.extend(frame.columns)
            return binary_model.predict(frame)

    evaluate(Nosy(), binary_test)

    assert "late" not in seen


def test_evaluate_refuses_a_table_without_the_target(binary_model: Any, binary_test: pl.DataFrame):
    with pytest.raises(InvalidInputError, match="no target column 'late'"):
        evaluate(binary_model, binary_test.drop("late"))
