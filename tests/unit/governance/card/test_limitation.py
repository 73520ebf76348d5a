from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from millwright.evaluation.report import EvaluationReport, SliceResult
from millwright.governance.card.limitation import find_limitations, weak_slices
from millwright.governance.evidence import DatasetEvidence, GateEvidence
from millwright.governance.explanation import VersionExplanation
from millwright.models.task import Task

AT = datetime(2026, 1, 1, tzinfo=UTC)
EXPLANATION = VersionExplanation(
    ref="delay@1",
    id="x",
    state="candidate",
    aliases=(),
    registered_at=AT,
    registered_by="ada",
    package="f" * 64,
    size_bytes=1,
    flavor="sklearn",
    task="binary",
    target="late",
    compilation={"status": "proven"},
    metrics={},
)
REPORT = EvaluationReport(
    task=Task.BINARY, rows=1000, target="late", metrics={"roc_auc": 0.85, "accuracy": 0.8}, baseline={"roc_auc": 0.5}
)


def part(value: str, rows: int, **metrics: float) -> SliceResult:
    return SliceResult(column="phase", value=value, rows=rows, metrics=metrics)


def test_limitations_are_none_when_nothing_is_weak():
    assert find_limitations(REPORT, EXPLANATION) == ()


def test_weak_slices_are_those_clearly_worse_on_enough_rows():
    report = replace(
        REPORT,
        slices=(
            part("fine", 100, roc_auc=0.82),
            part("weak", 100, roc_auc=0.7),
            part("weaker", 40, accuracy=0.5),
            part("tiny", 29, roc_auc=0.1),
            part("unknown", 100),
        ),
    )
    assert [(found.value, name) for found, name, _ in weak_slices(report)] == [
        ("weaker", "accuracy"),
        ("weak", "roc_auc"),
    ]
    assert find_limitations(report, EXPLANATION)[1] == (
        "Weak where phase is weak: ROC AUC 0.700 on 100 test rows, 0.850 on all."
    )


def test_weak_slices_of_numbers_are_judged_by_the_share_of_the_error():
    report = EvaluationReport(
        task=Task.REGRESSION,
        rows=1000,
        target="cost",
        metrics={"rmse": 100.0},
        slices=(part("fine", 100, rmse=104.0), part("weak", 100, rmse=120.0)),
    )
    assert [found.value for found, _, _ in weak_slices(report)] == ["weak"]


def test_many_weak_slices_are_counted():
    report = replace(REPORT, slices=tuple(part(str(n), 100, roc_auc=0.5) for n in range(13)))
    assert find_limitations(report, EXPLANATION)[-1] == "3 more slices are weak; see the evaluation."


def test_baseline_that_is_not_beaten_is_told():
    report = replace(REPORT, baseline={"roc_auc": 0.86})
    assert "no better than a baseline" in find_limitations(report, EXPLANATION)[0]


def test_uncertainty_is_told():
    report = replace(REPORT, rows=60, intervals={"roc_auc": (0.7, 0.95)})
    assert [sentence.split(" ")[0] for sentence in find_limitations(report, EXPLANATION)] == ["It", "ROC"]


def test_failed_gates_quarantine_and_compilation_are_told():
    explanation = replace(
        EXPLANATION,
        compilation={"status": "refused", "reason": "no converter"},
        gates=(GateEvidence(gate="slices", passed=False, reason="Too low."),),
        datasets=(DatasetEvidence(ref="s@1", rows=100, digest="d", created_at=AT),),
        quarantined=(DatasetEvidence(ref="q@1", rows=10, digest="d", created_at=AT, quarantined_from="s@1"),),
    )
    found = find_limitations(REPORT, explanation)
    assert found[0] == "The gate slices failed: Too low."
    assert found[1].startswith("10 % of the rows of s@1 broke the data contract")
    assert found[2] == "It is served by its native library, not compiled: no converter"


def test_missing_evaluation_is_a_limitation():
    assert "no evaluation report" in find_limitations(None, EXPLANATION)[0]
