from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.evaluate import EvaluationOptions, evaluate
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.evaluation.presentation import evaluation_sections, gates_section, metrics_table
from millwright.evaluation.section import Badge, Tone

if TYPE_CHECKING:
    import polars as pl

    from millwright.evaluation.report import EvaluationReport

GATES = GateReport(
    passed=False,
    results=(
        GateResult(gate="size", passed=True, value=1.0, limit=2.0, reason="Small."),
        GateResult(gate="threshold", about="roc_auc", passed=False, value=0.5, limit=0.6, reason="Low."),
        GateResult(gate="latency", passed=True, value=None, limit=None, reason="None.", applicable=False),
    ),
)


@pytest.fixture
def report(binary_model: Any, binary_test: pl.DataFrame) -> EvaluationReport:
    options = EvaluationOptions(slices=("borough",), baseline=BaselinePrediction(priors=(0.5, 0.5)), draws=100)
    return evaluate(binary_model, binary_test, options=options)


def test_sections_tell_result_gates_candidates_quality_importances_and_slices(report: EvaluationReport):
    leaderboard = [{"candidate": "a", "metrics": {"accuracy": 0.8}}]

    sections = evaluation_sections(report, leaderboard, GATES)

    assert [section.title for section in sections] == [
        "Result", "Gates", "Candidates", "Quality", "Importances", "Slices",
    ]  # fmt: skip
    facts = dict(sections[0].facts)
    assert facts["ROC AUC"] == report.metrics["roc_auc"]
    assert facts["ROC AUC of the baseline"] == 0.5
    assert facts["Gates"] == Badge("failed", Tone.BAD)
    assert "positive class is 'yes'" in sections[0].text[0]


def test_sections_leave_out_what_the_report_does_not_have(report: EvaluationReport):
    bare = replace(report, slices=(), importances=(), curves={}, confusion=None, baseline={})

    assert [section.title for section in evaluation_sections(bare)] == ["Result"]


def test_sections_of_a_regression_show_its_errors(regression_model: Any, regression_test: pl.DataFrame):
    sections = evaluation_sections(evaluate(regression_model, regression_test))

    assert [name for name, _ in sections[0].facts] == ["RMSE", "R²", "Test rows"]
    assert len(next(section for section in sections if section.title == "Quality").figures) == 2


def test_metrics_table_has_intervals_and_baseline(report: EvaluationReport):
    table = metrics_table(report)

    accuracy = table.rows[0]
    assert accuracy[0] == "Accuracy"
    assert " to " in str(accuracy[2])
    assert accuracy[3] == report.baseline["accuracy"]


def test_gates_section_gives_each_gate_with_a_badge_and_its_reason():
    section = gates_section(GATES)

    rows = section.tables[0].rows
    assert section.text == ["1 gate did not pass."]
    assert [row[0] for row in rows] == [
        Badge("passed", Tone.GOOD), Badge("failed", Tone.BAD), Badge("not applicable", Tone.NEUTRAL),
    ]  # fmt: skip
    assert rows[1][1] == "threshold (ROC AUC)"
    assert gates_section(GateReport(passed=True, results=())).tables == []


def test_slice_table_has_a_dash_where_a_metric_is_undefined(report: EvaluationReport):
    first = replace(report.slices[0], metrics={"accuracy": 1.0})
    sections = evaluation_sections(replace(report, slices=(first, *report.slices[1:])))

    table = sections[-1].tables[0]
    assert table.rows[0][3] == 1.0
    assert table.rows[0][-1] is None
