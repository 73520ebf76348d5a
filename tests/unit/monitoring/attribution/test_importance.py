from __future__ import annotations

from typing import Any

import pytest

from millwright.evaluation.report import EvaluationReport, Importance
from millwright.models.task import Task
from millwright.monitoring import ReferenceOptions, build_reference, load_reference
from millwright.monitoring.attribution import reference_importances, report_importances


def test_importances_of_the_evaluation_are_shares_of_what_matters():
    found = (("days", 0.3), ("phase", 0.1), ("noise", -0.02))
    importances = tuple(Importance(column=name, mean=mean, std=0.0) for name, mean in found)
    report = EvaluationReport(
        task=Task.BINARY, rows=9, target="late", metrics={}, importances=importances, importance_metric="roc_auc"
    )
    shares = report_importances(report)
    assert shares is not None
    assert shares.shares == pytest.approx({"days": 0.75, "phase": 0.25, "noise": 0.0})
    assert (shares.metric, shares.source) == ("roc_auc", "evaluation")


def test_evaluation_without_importances_tells_none():
    assert report_importances(EvaluationReport(task=Task.BINARY, rows=9, target="late", metrics={})) is None


def test_importances_are_measured_on_the_reference(model: Any, draw_rows: Any):
    data = build_reference(draw_rows(600, seed=1), model, options=ReferenceOptions(rows=400))
    found = reference_importances(load_reference(data), model.predict, model.signature)
    assert found is not None
    assert found.shares["days"] == 1.0  # the model looks at nothing else
    assert (set(found.shares), found.source) == ({"days", "phase", "urgent", "start"}, "reference")


def test_importances_are_not_measured_on_few_labelled_rows(model: Any, draw_rows: Any):
    reference = load_reference(build_reference(draw_rows(40, seed=1), model))
    assert reference_importances(reference, model.predict, model.signature) is None
